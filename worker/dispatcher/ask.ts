import type { Env } from '../env.ts';
import { isRetryable } from '../errors.ts';
import type { Dispatcher } from './object.ts';

/**
 * Calls the dispatcher of a sweep. An object that was moved or restarted in the middle is asked once more, which is
 * harmless since every method may be repeated; an overloaded one is not.
 */
export async function ask<T>(
  env: Env,
  sweepId: string,
  call: (stub: DurableObjectStub<Dispatcher>) => Promise<T>,
): Promise<T> {
  const stub = () => env.DISPATCHER.get(env.DISPATCHER.idFromName(sweepId));
  try {
    return await call(stub());
  } catch (error) {
    if (!isRetryable(error)) throw error;
    // A stub that has failed stays broken.
    return call(stub());
  }
}
