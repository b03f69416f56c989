// Which sweep a device works for: the one it is in the middle of, the one it prefers, then the oldest that has work.

import {
  type ExchangeReply,
  type ExchangeRequest,
  type FinishedRun,
  type Lease,
  VERSION,
} from '../shared/protocol.ts';
import { cached } from './cache.ts';
import { fromBase64 } from './digest.ts';
import { ask } from './dispatcher/ask.ts';
import type { Exchanged } from './dispatcher/object.ts';
import type { Env } from './env.ts';
import { openSweepIds } from './store/sweeps.ts';

export const OPEN_SWEEPS = 'open sweeps';
const OPEN_SWEEPS_MAX = 100;
const OPEN_SWEEPS_MS = 2000;
const ASK_AGAIN_MS = { soon: 2000, later: 15_000 };

type Verdicts = ExchangeReply['verdicts'];

/** Delivers results to the sweeps they belong to and finds the next unit. */
export async function exchange(
  env: Env,
  volunteerId: string,
  request: ExchangeRequest,
): Promise<ExchangeReply> {
  const { results, wantsUnit, holds, prefers, deviceId, flopsPerSecond } = request;
  const bySweep = Map.groupBy(results.entries(), ([, { sweepId }]) => sweepId);
  const wants = wantsUnit ? { flopsPerSecond } : null;
  const verdicts: Verdicts = [];
  const call = async (sweepId: string, want: typeof wants): Promise<Exchanged | null> => {
    const mine = bySweep.get(sweepId) ?? [];
    const device = {
      volunteerId,
      deviceId,
      wants: want,
      results: mine.map(([, result]) => unpacked(result)),
    };
    const reply = await ask(
      env,
      sweepId,
      (dispatcher) => dispatcher.exchange(sweepId, device) as Promise<Exchanged | null>,
    );
    mine.forEach(([place, { run }], i) => {
      verdicts[place] = { sweepId, run, ...(reply?.verdicts[i] ?? NO_SUCH_SWEEP) };
    });
    bySweep.delete(sweepId);
    return reply;
  };
  const found = wants
    ? await findUnit(env, [holds?.sweepId, prefers], (sweepId) => call(sweepId, wants))
    : NOTHING;
  // Sweeps the search did not come to, or could not reach: now it is their results or an error.
  for (const sweepId of [...bySweep.keys()]) await call(sweepId, null);
  const { lease, allDone } = found;
  return { version: VERSION, verdicts, lease, askAgainMs: lease ? 0 : askAgainMs(allDone), allDone };
}

const NO_SUCH_SWEEP = {
  verdict: 'refused',
  code: 'no-such-lease',
  message: 'There is no such sweep.',
} as const;
const NOTHING: { lease: Lease | null; allDone: boolean } = { lease: null, allDone: false };

async function findUnit(
  env: Env,
  wished: (string | null | undefined)[],
  call: (sweepId: string) => Promise<Exchanged | null>,
): Promise<typeof NOTHING> {
  let allDone = true;
  const tried = new Set<string>();
  const attempt = async (sweepId: string): Promise<Lease | null> => {
    if (tried.has(sweepId)) return null;
    tried.add(sweepId);
    const reply = await call(sweepId);
    if (reply && !reply.isOver) allDone = false;
    return reply?.lease ?? null;
  };
  // One sweep in trouble, or a database in trouble, must not keep devices from all other work.
  const nevertheless = (error: unknown) => {
    console.error(error);
    allDone = false;
    return null;
  };
  for (const sweepId of wished) {
    const lease = sweepId && (await attempt(sweepId));
    if (lease) return { lease, allDone: false };
  }
  const open = await cached(OPEN_SWEEPS, OPEN_SWEEPS_MS, () => openSweepIds(env.DB, OPEN_SWEEPS_MAX)).catch(
    nevertheless,
  );
  for (const sweepId of open ?? []) {
    const lease = await attempt(sweepId).catch(nevertheless);
    if (lease) return { lease, allDone: false };
  }
  return { lease: null, allDone };
}

const unpacked = ({ unit, run, curve, engine, engineVersion, elapsedMs, weightsDigest }: FinishedRun) => ({
  ...{ unit, run, engine, engineVersion, elapsedMs, weightsDigest },
  // What is not base64 is as good as no bytes, and refused as such.
  curve: fromBase64(curve) ?? new Uint8Array(),
});

/** With jitter, so that devices that stopped together do not return together. */
const askAgainMs = (allDone: boolean): number =>
  Math.round((allDone ? ASK_AGAIN_MS.later : ASK_AGAIN_MS.soon) * (1 + Math.random()));
