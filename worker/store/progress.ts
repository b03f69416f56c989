// What D1 knows of how far sweeps are: derived from their dispatchers, and written only where it is newer.

import type { SweepSummary } from '../../shared/protocol.ts';

export interface StripeProgress {
  stripe: number;
  finishedRuns: number;
  failedRuns: number;
}

/** Writes how far a stripe is, where that is newer than what is there, and the sums over all of the sweep's. */
export function setProgress(db: D1Database, sweepId: string, seq: number, p: StripeProgress) {
  return db.batch([
    db
      .prepare(
        `INSERT INTO stripes (sweep_id, stripe, finished_runs, failed_runs, seq) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (sweep_id, stripe) DO UPDATE SET finished_runs = excluded.finished_runs,
           failed_runs = excluded.failed_runs, seq = excluded.seq WHERE excluded.seq > stripes.seq`,
      )
      .bind(sweepId, p.stripe, p.finishedRuns, p.failedRuns, seq),
    totalsOf(db, sweepId),
  ]);
}

const totalsOf = (db: D1Database, sweepId: string) =>
  db
    .prepare(
      `UPDATE sweeps SET finished_runs = sums.finished, failed_runs = sums.failed, seq = sums.seq
       FROM (SELECT coalesce(sum(finished_runs), 0) AS finished, coalesce(sum(failed_runs), 0) AS failed,
         coalesce(sum(seq), 0) AS seq FROM stripes WHERE sweep_id = ?1) AS sums WHERE id = ?1`,
    )
    .bind(sweepId);

/** One stripe of a sweep, and how many there are. */
interface Part {
  sweepId: string;
  stripes: number;
  stripe: number;
}

/** The rows a stripe wrote, and those of stripes that do not exist. */
const OF_PART = {
  cells: 'sweep_id = ?1 AND cell % ?2 = ?3',
  contributions: 'sweep_id = ?1 AND (stripe = ?3 OR stripe >= ?2)',
  stripes: 'sweep_id = ?1 AND (stripe = ?3 OR stripe >= ?2)',
};

/** Everything derived of a stripe counts as older than what its dispatcher tells next; until then it is shown as it is. */
export async function distrustDerived(db: D1Database, part: Part): Promise<void> {
  await db.batch(onPart(db, part, (table, where) => `UPDATE ${table} SET seq = 0 WHERE ${where}`));
}

/** Deletes what was distrusted and not told again. */
export async function forgetDistrusted(db: D1Database, part: Part): Promise<void> {
  const forget = onPart(db, part, (table, where) => `DELETE FROM ${table} WHERE ${where} AND seq = 0`);
  await db.batch([...forget, totalsOf(db, part.sweepId)]);
}

const onPart = (
  db: D1Database,
  { sweepId, stripes, stripe }: Part,
  sql: (...of: [string, string]) => string,
) => Object.entries(OF_PART).map((one) => db.prepare(sql(...one)).bind(sweepId, stripes, stripe));

/** What D1 was told of a sweep. */
export interface Told {
  /** In all. */
  finishedRuns: number;
  failedRuns: number;
  mode: SweepSummary['mode'];
  /** Finished runs in the aggregates of its cells. */
  runsInCells: number;
  stripes: Map<number, StripeProgress & { contributedRuns: number }>;
}

/** What D1 was told of a sweep, for comparison with what its dispatchers know. */
export async function toldOf(db: D1Database, sweepId: string): Promise<Told> {
  const [totals, stripes] = await db.batch([
    db
      .prepare(
        `SELECT finished_runs AS finishedRuns, failed_runs AS failedRuns, mode,
           (SELECT coalesce(sum(aggregate ->> 'n'), 0) FROM cells WHERE sweep_id = ?1) AS runsInCells
         FROM sweeps WHERE id = ?1`,
      )
      .bind(sweepId),
    db
      .prepare(
        `SELECT stripe, finished_runs AS finishedRuns, failed_runs AS failedRuns,
           (SELECT coalesce(sum(runs), 0) FROM contributions AS c
            WHERE c.sweep_id = stripes.sweep_id AND c.stripe = stripes.stripe) AS contributedRuns
         FROM stripes WHERE sweep_id = ?1`,
      )
      .bind(sweepId),
  ]);
  const [sums] = (totals?.results ?? []) as Omit<Told, 'stripes'>[];
  if (!sums) throw new Error(`there is no sweep ${sweepId}`);
  const rows = (stripes?.results ?? []) as (StripeProgress & { contributedRuns: number })[];
  return { ...sums, stripes: new Map(rows.map((row) => [row.stripe, row])) };
}

export interface Totals {
  sweeps: number;
  openSweeps: number;
  finishedRuns: number;
  failedRuns: number;
  /** Finished ones, and those that may still be. */
  plannedRuns: number;
  volunteers: number;
}

/** Everything there is, in numbers; volunteers are those with an accepted result. */
export async function totals(db: D1Database): Promise<Totals> {
  const row = await db
    .prepare(
      `SELECT count(*) AS sweeps,
         count(*) FILTER (WHERE mode = 'running' AND finished_runs + failed_runs < runs) AS openSweeps,
         coalesce(sum(finished_runs), 0) AS finishedRuns, coalesce(sum(failed_runs), 0) AS failedRuns,
         coalesce(sum(CASE mode WHEN 'cancelled' THEN finished_runs ELSE runs - failed_runs END), 0) AS plannedRuns,
         (SELECT count(DISTINCT volunteer_id) FROM contributions) AS volunteers
       FROM sweeps`,
    )
    .first<Totals>();
  if (!row) throw new Error('an aggregate without a row');
  return row;
}
