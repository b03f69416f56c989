// The daily cleaning: states that no unfinished run goes on from and snapshots that were not kept for good, once they are
// old. Whoever cannot be asked may need any of those states, so then none is deleted.

import type { Dispatcher } from './dispatcher/object.ts';
import type { Env } from './env.ts';
import { askAll, type Place } from './places.ts';
import { type Addressed, snapshots, states } from './store/addressed.ts';
import { forgetOldMoves } from './store/moves.ts';
import { forgetOldRefusals } from './store/refusals.ts';
import { unfinishedSweeps } from './store/sweeps.ts';

const DAY_MS = 24 * 3600 * 1000;
const HEX = '0123456789abcdef';
const LISTS_MAX = 200;
const DELETED_MAX = 20_000;
const DELETED_AT_ONCE = 1000;
/** With more dispatchers than a Worker may ask, nothing is deleted. */
const STRIPES_MAX = 500;

export interface Cleaning {
  old: number;
  deleted: number;
}

interface Kept {
  things: Addressed;
  needed: (env: Env) => Promise<Set<string>>;
}

/** Deletes a limited number of states, beginning somewhere else every day. Safe to repeat. */
export const cleanStates = (env: Env, atMs: number): Promise<Cleaning> =>
  clean(env, atMs, { things: states, needed: neededStates });

/** The same for snapshots: what an accepted result names was kept elsewhere before it was accepted, so nobody is asked. */
export const cleanSnapshots = (env: Env, atMs: number): Promise<Cleaning> =>
  clean(env, atMs, { things: snapshots, needed: async () => new Set() });

/** Every hour: deletes of volunteers what is kept for a while only. Safe to repeat. */
export async function cleanPeople({ DB }: Pick<Env, 'DB'>, atMs: number): Promise<void> {
  await forgetOldMoves(DB, atMs);
  await forgetOldRefusals(DB, atMs);
}

async function clean(env: Env, atMs: number, kept: Kept): Promise<Cleaning> {
  const old = await listed(env.BLOBS, atMs, kept.things);
  if (old.length === 0) return { old: 0, deleted: 0 };
  const needed = await kept.needed(env);
  const useless = old.filter((digest) => !needed.has(digest));
  for (let from = 0; from < useless.length; from += DELETED_AT_ONCE)
    await kept.things.drop(env.BLOBS, useless.slice(from, from + DELETED_AT_ONCE));
  return { old: old.length, deleted: useless.length };
}

async function listed(bucket: R2Bucket, nowMs: number, things: Addressed): Promise<string[]> {
  const start = Math.floor(nowMs / DAY_MS) % HEX.length;
  const old: string[] = [];
  let lists = 0;
  for (const prefix of HEX.slice(start) + HEX.slice(0, start)) {
    let cursor: string | null = null;
    do {
      if (++lists > LISTS_MAX) return old;
      const more: Awaited<ReturnType<Addressed['old']>> = await things.old(bucket, { prefix, cursor, nowMs });
      old.push(...more.digests);
      if (old.length >= DELETED_MAX) return old.slice(0, DELETED_MAX);
      cursor = more.cursor;
    } while (cursor !== null);
  }
  return old;
}

const neededStates = async (env: Env) => named(env, await unfinishedSweeps(env.DB), (d, at) => d.states(at));

/** Throws where anybody cannot be asked. */
async function named(
  env: Env,
  sweeps: readonly { id: string; stripes: number }[],
  call: (stub: DurableObjectStub<Dispatcher>, at: Place) => Promise<string[] | null>,
): Promise<Set<string>> {
  const needed = new Set<string>();
  let stripes = 0;
  for (const sweep of sweeps) {
    stripes += sweep.stripes;
    if (stripes > STRIPES_MAX) throw new Error('there are too many dispatchers to ask what they need');
    for (const digests of await askAll(env, sweep, call)) for (const digest of digests) needed.add(digest);
  }
  return needed;
}
