// The hourly checks of what is stored: which sweeps come next, and what was found.

import type { StatusReply } from '../../shared/protocol.ts';
import { exactJson } from '../digest.ts';

export type Audit = StatusReply['audits'][number];

/** The sweeps whose last check is longest ago. */
export async function longestUnaudited(
  db: D1Database,
  max: number,
): Promise<{ id: string; stripes: number }[]> {
  const query = 'SELECT id, stripes FROM sweeps ORDER BY audited_at, id LIMIT ?';
  const { results } = await db.prepare(query).bind(max).all<{ id: string; stripes: number }>();
  return results;
}

/** Stores the outcome of a check of some sweeps; of all outcomes the newest `kept` stay. Safe to repeat. */
export async function storeAudit(
  db: D1Database,
  sweepIds: readonly string[],
  { atMs, tookMs, checked, problems }: Audit,
  kept: number,
): Promise<void> {
  const insert = `INSERT OR REPLACE INTO audits (at, took_ms, sweeps, runs, curves, problems)
    VALUES (?, ?, ?, ?, ?, ?)`;
  const values = [atMs, tookMs, checked.sweeps, checked.runs, checked.curves, exactJson(problems)];
  await db.batch([
    db
      .prepare('UPDATE sweeps SET audited_at = ? WHERE id IN (SELECT value FROM json_each(?))')
      .bind(atMs, JSON.stringify(sweepIds)),
    db.prepare(insert).bind(...values),
    db
      .prepare('DELETE FROM audits WHERE at NOT IN (SELECT at FROM audits ORDER BY at DESC LIMIT ?)')
      .bind(kept),
  ]);
}

interface StoredAudit {
  at: number;
  took_ms: number;
  sweeps: number;
  runs: number;
  curves: number;
  problems: string;
}

/** Newest first. */
export async function newestAudits(db: D1Database, max: number): Promise<Audit[]> {
  const { results } = await db
    .prepare('SELECT * FROM audits ORDER BY at DESC LIMIT ?')
    .bind(max)
    .all<StoredAudit>();
  return results.map(({ at, took_ms, sweeps, runs, curves, problems }) => ({
    atMs: at,
    tookMs: took_ms,
    checked: { sweeps, runs, curves },
    problems: JSON.parse(problems),
  }));
}
