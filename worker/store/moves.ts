// Codes that carry a volunteer to another device: known by their SHA-256, good once and for a few minutes.

import { LIMITS } from '../../shared/limits.ts';
import { sha256 } from '../digest.ts';

/** Makes a code good until then; of a volunteer's open ones the newest few stay. */
export async function addMove(
  db: D1Database,
  volunteerId: string,
  move: { code: string; expiresAtMs: number },
  nowMs: number,
): Promise<void> {
  await db.batch([
    db
      .prepare('INSERT INTO moves (code_hash, volunteer_id, expires_at) VALUES (?, ?, ?)')
      .bind(await sha256(move.code), volunteerId, move.expiresAtMs),
    db
      .prepare(
        `DELETE FROM moves WHERE volunteer_id = ?1 AND (expires_at <= ?2 OR code_hash NOT IN (
           SELECT code_hash FROM moves WHERE volunteer_id = ?1 ORDER BY expires_at DESC LIMIT ?3))`,
      )
      .bind(volunteerId, nowMs, LIMITS.movesOpenMax),
  ]);
}

/** Uses a code up. Whose it was; null where it is not good, whatever the reason. */
export async function useMove(db: D1Database, code: string, nowMs: number): Promise<string | null> {
  const used = await db
    .prepare(
      'DELETE FROM moves WHERE code_hash = ? RETURNING volunteer_id AS volunteerId, expires_at AS expiresAtMs',
    )
    .bind(await sha256(code))
    .first<{ volunteerId: string; expiresAtMs: number }>();
  return used && used.expiresAtMs > nowMs ? used.volunteerId : null;
}

/** When a volunteer's open codes run out. */
export async function movesOf(
  db: D1Database,
  volunteerId: string,
  nowMs: number,
): Promise<{ expiresAtMs: number }[]> {
  const query =
    'SELECT expires_at AS expiresAtMs FROM moves WHERE volunteer_id = ? AND expires_at > ? ORDER BY expires_at';
  return (await db.prepare(query).bind(volunteerId, nowMs).all<{ expiresAtMs: number }>()).results;
}

/** Everybody's that can no longer be used. */
export async function forgetOldMoves(db: D1Database, nowMs: number): Promise<void> {
  await db.prepare('DELETE FROM moves WHERE expires_at <= ?').bind(nowMs).run();
}
