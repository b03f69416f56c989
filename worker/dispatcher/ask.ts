import type { Env } from '../env.ts';
import { isRetryable } from '../errors.ts';
import type { At, Dispatcher } from './object.ts';

/** What the dispatcher of a stripe is called; a sweep that is not striped has one of its own name. */
export const dispatcherName = ({ sweepId, stripe }: At): string =>
  stripe === 0 ? sweepId : `${sweepId}:${stripe}`;

/**
 * Calls the dispatcher of a stripe. An object that was moved or restarted in the middle is asked once more, which is
 * harmless since every method may be repeated; an overloaded one is not.
 */
export async function ask<T>(
  env: Env,
  at: At,
  call: (stub: DurableObjectStub<Dispatcher>) => Promise<T>,
): Promise<T> {
  const stub = () => env.DISPATCHER.get(env.DISPATCHER.idFromName(dispatcherName(at)));
  try {
    return await call(stub());
  } catch (error) {
    if (!isRetryable(error)) throw error;
    // A stub that has failed stays broken.
    return call(stub());
  }
}
