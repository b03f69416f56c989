// Which sweep a device works for: the one it is in the middle of, the one it prefers, then the oldest that has work.

import { fromBase64 } from '../shared/bytes.ts';
import {
  type ExchangeReply,
  type ExchangeRequest,
  type FinishedRun,
  type Lease,
  VERSION,
} from '../shared/protocol.ts';
import { cached } from './cache.ts';
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
  const troubles: unknown[] = [];
  const call = async (sweepId: string, want: typeof wants): Promise<Exchanged | null | Trouble> => {
    const mine = bySweep.get(sweepId) ?? [];
    bySweep.delete(sweepId);
    const offers = mine.map(([, result]) => unpacked(result));
    const asked = { volunteerId, deviceId, wants: want, results: offers };
    try {
      const reply = await ask(env, sweepId, (d) => d.exchange(sweepId, asked) as Promise<Exchanged | null>);
      mine.forEach(([place, { run }], i) => {
        verdicts[place] = { sweepId, run, ...(reply?.verdicts[i] ?? NO_SUCH_SWEEP) };
      });
      return reply;
    } catch (error) {
      console.error(error);
      troubles.push(error);
      return 'in trouble';
    }
  };
  const found = wants
    ? await findUnit(env, [holds?.sweepId, prefers], (sweepId) => call(sweepId, wants))
    : NOTHING;
  // What the search did not come to. A result without a verdict is kept by its device and sent again.
  for (const sweepId of [...bySweep.keys()]) await call(sweepId, null);
  const { lease, allDone } = found;
  const told = verdicts.filter(() => true);
  // With nothing to tell, the device should know that it is worth waiting.
  if (troubles.length > 0 && results.length > 0 && told.length === 0 && !lease) throw troubles[0];
  return { version: VERSION, verdicts: told, lease, askAgainMs: lease ? 0 : askAgainMs(allDone), allDone };
}

/** A sweep in trouble keeps neither its devices nor their other results from the rest. */
type Trouble = 'in trouble';

const NO_SUCH_SWEEP = {
  verdict: 'refused',
  code: 'no-such-lease',
  message: 'There is no such sweep.',
} as const;
const NOTHING: { lease: Lease | null; allDone: boolean } = { lease: null, allDone: false };

async function findUnit(
  env: Env,
  wished: (string | null | undefined)[],
  call: (sweepId: string) => Promise<Exchanged | null | Trouble>,
): Promise<typeof NOTHING> {
  let allDone = true;
  const tried = new Set<string>();
  const attempt = async (sweepId: string): Promise<Lease | null> => {
    if (tried.has(sweepId)) return null;
    tried.add(sweepId);
    const reply = await call(sweepId);
    if (reply === 'in trouble') allDone = false;
    if (reply === null || reply === 'in trouble') return null;
    if (!reply.isOver) allDone = false;
    return reply.lease;
  };
  for (const sweepId of wished) {
    const lease = sweepId && (await attempt(sweepId));
    if (lease) return { lease, allDone: false };
  }
  const open = await cached(OPEN_SWEEPS, OPEN_SWEEPS_MS, () => openSweepIds(env.DB, OPEN_SWEEPS_MAX)).catch(
    (error) => {
      console.error(error);
      allDone = false;
      return [];
    },
  );
  for (const sweepId of open) {
    const lease = await attempt(sweepId);
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
