// The daily cleaning: states that no unfinished run goes on from, once they are old. Whoever cannot be asked may need any of
// them, so then nothing is deleted.

import type { Env } from './env.ts';
import { askAll } from './places.ts';
import { dropStates, oldStates } from './store/states.ts';
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

/** Deletes a limited number, beginning somewhere else every day. Safe to repeat. */
export async function cleanStates(env: Env, atMs: number): Promise<Cleaning> {
  const old = await listed(env.BLOBS, atMs);
  if (old.length === 0) return { old: 0, deleted: 0 };
  const needed = await neededStates(env);
  const useless = old.filter((digest) => !needed.has(digest));
  for (let from = 0; from < useless.length; from += DELETED_AT_ONCE)
    await dropStates(env.BLOBS, useless.slice(from, from + DELETED_AT_ONCE));
  return { old: old.length, deleted: useless.length };
}

async function listed(bucket: R2Bucket, nowMs: number): Promise<string[]> {
  const start = Math.floor(nowMs / DAY_MS) % HEX.length;
  const old: string[] = [];
  let lists = 0;
  for (const prefix of HEX.slice(start) + HEX.slice(0, start)) {
    let cursor: string | null = null;
    do {
      if (++lists > LISTS_MAX) return old;
      const more: Awaited<ReturnType<typeof oldStates>> = await oldStates(bucket, { prefix, cursor, nowMs });
      old.push(...more.digests);
      if (old.length >= DELETED_MAX) return old.slice(0, DELETED_MAX);
      cursor = more.cursor;
    } while (cursor !== null);
  }
  return old;
}

/** Throws where anybody cannot be asked. */
async function neededStates(env: Env): Promise<Set<string>> {
  const needed = new Set<string>();
  let stripes = 0;
  for (const sweep of await unfinishedSweeps(env.DB)) {
    stripes += sweep.stripes;
    if (stripes > STRIPES_MAX) throw new Error('there are too many dispatchers to ask for their states');
    for (const states of await askAll(env, sweep, (d, at) => d.states(at)))
      for (const digest of states) needed.add(digest);
  }
  return needed;
}
