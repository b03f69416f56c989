// Volunteers who deleted themselves. Tokens are signed, not stored, so whoever comes is looked up when an isolate first
// sees them; after that the few who were deleted lately are asked for every few seconds.

import type { Env } from './env.ts';
import { deletedSince, isDeleted } from './store/volunteers.ts';

const LOOK_MS = 10_000;
/** Clocks of servers differ by less. */
const SLACK_MS = 60_000;
const PRESENT_MAX = 50_000;

/** Who was there when last looked for. */
const present = new Set<string>();
let knownAtMs = 0;
let triedAtMs = 0;
let isDown = false;

/** Whether a volunteer was deleted, as of a few seconds ago. While the database cannot be asked, nobody was. */
export async function isGone({ DB }: Pick<Env, 'DB'>, volunteerId: string): Promise<boolean> {
  const nowMs = Date.now();
  // Also where the clock was set back.
  const isDue = Math.abs(nowMs - triedAtMs) >= LOOK_MS;
  if (!isDue && (isDown || present.has(volunteerId))) return false;
  try {
    if (isDue) await look(DB, nowMs);
    if (present.has(volunteerId)) return false;
    if (await isDeleted(DB, volunteerId)) return true;
    if (present.size >= PRESENT_MAX) present.clear();
    present.add(volunteerId);
    isDown = false;
  } catch (error) {
    isDown = true;
    console.error(error);
  }
  return false;
}

/** In this isolate at once; in others when they look next. */
export const noteGone = (volunteerId: string): void => void present.delete(volunteerId);

async function look(db: D1Database, nowMs: number): Promise<void> {
  triedAtMs = nowMs;
  if (present.size > 0)
    for (const id of await deletedSince(db, Math.min(knownAtMs, nowMs) - SLACK_MS)) present.delete(id);
  knownAtMs = nowMs;
  isDown = false;
}
