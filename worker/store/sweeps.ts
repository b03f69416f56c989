import type { SweepSummary } from '../../shared/protocol.ts';
import type { Phenomenon } from '../../shared/spec/phenomena.ts';

export interface NewSweep {
  id: string;
  name: string;
  title: string;
  description: string | null;
  spec: string;
  specDigest: string;
  researcherId: string;
  createdAtMs: number;
  runs: number;
  cells: number;
  flops: number;
  stripes: number;
  phenomenon: Phenomenon;
}

/** What is there under the id of a sweep after it was posted. */
export interface Posted {
  created: boolean;
  specDigest: string;
  runs: number;
  cells: number;
}

/** Adds a sweep. An existing one of that id stays as it is. */
export async function insertSweep(db: D1Database, s: NewSweep): Promise<Posted> {
  const [insert, select] = await db.batch<Omit<Posted, 'created'>>([
    db
      .prepare(
        `INSERT INTO sweeps (id, name, title, description, spec, spec_digest, researcher_id, created_at, runs, cells,
           posted_runs, flops, stripes, phenomenon)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
      )
      .bind(
        ...[s.id, s.name, s.title, s.description, s.spec, s.specDigest],
        ...[s.researcherId, s.createdAtMs, s.runs, s.cells, s.runs, s.flops, s.stripes, s.phenomenon],
      ),
    db.prepare('SELECT spec_digest AS specDigest, runs, cells FROM sweeps WHERE id = ?').bind(s.id),
  ]);
  const [stored] = select?.results ?? [];
  if (!stored) throw new Error(`sweep ${s.id} was added and is not there`);
  return { created: insert?.meta.changes === 1, ...stored };
}

/** What a dispatcher needs to know of its sweep. */
export interface Definition {
  /** The sweep as it now is: normalised, as JSON. */
  spec: string;
  /** Never changes. */
  stripes: number;
  mode: SweepSummary['mode'];
}

/** Null when there is no such sweep. */
export function definitionOf(db: D1Database, id: string): Promise<Definition | null> {
  return db.prepare('SELECT spec, stripes, mode FROM sweeps WHERE id = ?').bind(id).first();
}

/** How many stripes some sweeps have; those that do not exist are missing. */
export async function stripesOfSweeps(
  db: D1Database,
  ids: readonly string[],
): Promise<{ id: string; stripes: number }[]> {
  const query = 'SELECT id, stripes FROM sweeps WHERE id IN (SELECT value FROM json_each(?))';
  const { results } = await db
    .prepare(query)
    .bind(JSON.stringify(ids))
    .all<{ id: string; stripes: number }>();
  return results;
}

const SUMMARY = `sweeps.id, sweeps.name, title, researchers.name AS researcher, sweeps.created_at AS createdAtMs,
  runs, cells, posted_runs AS postedRuns, grown_at AS grownAtMs,
  finished_runs AS finishedRuns, failed_runs AS failedRuns, mode, priority, phenomenon, flops`;
const FROM = 'FROM sweeps JOIN researchers ON researchers.id = researcher_id';

export interface SweepRow {
  summary: SweepSummary;
  description: string | null;
  spec: string;
  specDigest: string;
  stripes: number;
  researcherId: string;
}

/** Null when there is no such sweep. */
export async function sweepById(db: D1Database, id: string): Promise<SweepRow | null> {
  const row = await db
    .prepare(
      `SELECT ${SUMMARY}, description, spec, spec_digest AS specDigest, stripes, researcher_id AS researcherId
       ${FROM} WHERE sweeps.id = ?`,
    )
    .bind(id)
    .first<SweepSummary & Omit<SweepRow, 'summary'>>();
  if (!row) return null;
  const { description, spec, specDigest, stripes, researcherId, ...summary } = row;
  return { summary, description, spec, specDigest, stripes, researcherId };
}

/** The newest sweeps, newest first. */
export async function newestSweeps(db: D1Database, max: number): Promise<SweepSummary[]> {
  const { results } = await db
    .prepare(`SELECT ${SUMMARY} ${FROM} ORDER BY sweeps.created_at DESC, sweeps.id LIMIT ?`)
    .bind(max)
    .all<SweepSummary>();
  return results;
}

/** A sweep that may have work, as far as the front door cares. */
export interface OpenSweep {
  id: string;
  researcherId: string;
  researcher: string;
  priority: number;
  stripes: number;
  phenomenon: Phenomenon;
}

const IS_OPEN = "mode = 'running' AND finished_runs + failed_runs < runs";

/**
 * Sweeps that hand out work and have runs that are neither finished nor failed; lags a few seconds behind. Where there
 * are more than `max`, others come every time.
 */
export async function openSweeps(db: D1Database, max: number): Promise<OpenSweep[]> {
  const { results } = await db
    .prepare(
      `SELECT * FROM (
         SELECT sweeps.id, researcher_id AS researcherId, researchers.name AS researcher, priority, stripes,
           phenomenon
         ${FROM} WHERE ${IS_OPEN} ORDER BY random() LIMIT ?
       ) ORDER BY id`,
    )
    .bind(max)
    .all<OpenSweep>();
  return results;
}

/** Sweeps with runs that are neither finished nor failed, and that may still be trained. */
export async function unfinishedSweeps(db: D1Database): Promise<{ id: string; stripes: number }[]> {
  const query = `SELECT id, stripes FROM sweeps
    WHERE mode <> 'cancelled' AND finished_runs + failed_runs < runs ORDER BY id`;
  return (await db.prepare(query).all<{ id: string; stripes: number }>()).results;
}

/** What a researcher changes; what is missing stays. */
export interface Amendment {
  mode?: SweepSummary['mode'] | undefined;
  priority?: number | undefined;
  /** The sweep with runs added. */
  grown?: { spec: string; runs: number; cells: number; flops: number; atMs: number } | undefined;
}

/** Changes a sweep. A cancelled one stays so, and none ever gets smaller. Safe to repeat. */
export async function amendSweep(db: D1Database, id: string, { mode, priority, grown }: Amendment) {
  const statements = [
    db
      .prepare(
        `UPDATE sweeps SET priority = coalesce(?, priority),
           mode = CASE mode WHEN 'cancelled' THEN mode ELSE coalesce(?, mode) END WHERE id = ?`,
      )
      .bind(priority ?? null, mode ?? null, id),
  ];
  if (grown) {
    const { spec, runs, cells, flops, atMs } = grown;
    const grow = `UPDATE sweeps SET spec = ?, runs = ?, cells = ?, flops = ?, grown_at = ?
      WHERE id = ? AND runs < ?`;
    statements.push(db.prepare(grow).bind(spec, runs, cells, flops, atMs, id, runs));
  }
  await db.batch(statements);
}
