// Results that were not taken, and why: the newest of each volunteer, for their own page.

import { LIMITS } from '../../shared/limits.ts';
import type { MeReply } from '../../shared/volunteers.ts';
import { exactJson } from '../digest.ts';

export type RefusedResult = Omit<MeReply['refused'][number], 'atMs'>;

/** Notes results of somebody who is on record; the same one again takes the place of the first. */
export async function noteRefused(
  db: D1Database,
  volunteerId: string,
  refused: readonly RefusedResult[],
  nowMs: number,
): Promise<void> {
  await db.batch([
    db
      .prepare(
        `INSERT INTO refusals (volunteer_id, sweep_id, run, to_step, code, message, at)
         SELECT ?1, value ->> 'sweepId', value ->> 'run', value ->> 'to', value ->> 'code', value ->> 'message', ?2
         FROM json_each(?3) WHERE EXISTS (SELECT 1 FROM volunteers WHERE id = ?1 AND deleted_at IS NULL)
         ON CONFLICT (volunteer_id, sweep_id, run, to_step) DO UPDATE
         SET code = excluded.code, message = excluded.message, at = excluded.at`,
      )
      .bind(volunteerId, nowMs, exactJson(refused)),
    db
      .prepare(
        `DELETE FROM refusals WHERE volunteer_id = ?1 AND (at < ?2 OR (sweep_id, run, to_step) NOT IN (
           SELECT sweep_id, run, to_step FROM refusals WHERE volunteer_id = ?1
           ORDER BY at DESC, sweep_id, run, to_step LIMIT ?3))`,
      )
      .bind(volunteerId, nowMs - LIMITS.refusalsKeptMs, LIMITS.refusalsKeptMax),
  ]);
}

/** Newest first. */
export async function refusedOf(
  db: D1Database,
  volunteerId: string,
  nowMs: number,
): Promise<MeReply['refused']> {
  const { results } = await db
    .prepare(
      `SELECT sweep_id AS sweepId, run, to_step AS "to", code, message, at AS atMs FROM refusals
       WHERE volunteer_id = ? AND at >= ? ORDER BY at DESC, sweep_id, run, to_step LIMIT ?`,
    )
    .bind(volunteerId, nowMs - LIMITS.refusalsKeptMs, LIMITS.refusalsKeptMax)
    .all<MeReply['refused'][number]>();
  return results;
}

/** Everybody's, once they are old enough. */
export async function forgetOldRefusals(db: D1Database, nowMs: number): Promise<void> {
  await db
    .prepare('DELETE FROM refusals WHERE at < ?')
    .bind(nowMs - LIMITS.refusalsKeptMs)
    .run();
}
