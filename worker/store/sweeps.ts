import type { SweepSummary } from '../../shared/protocol.ts';

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
}

/** Adds a sweep. An existing one of that id stays as it is; its digest is returned, and whether it is new. */
export async function insertSweep(
  db: D1Database,
  s: NewSweep,
): Promise<{ created: boolean; specDigest: string }> {
  const [insert, select] = await db.batch<{ spec_digest: string }>([
    db
      .prepare(
        `INSERT INTO sweeps (id, name, title, description, spec, spec_digest, researcher_id, created_at, runs, cells, flops)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
      )
      .bind(
        ...[s.id, s.name, s.title, s.description, s.spec, s.specDigest],
        ...[s.researcherId, s.createdAtMs, s.runs, s.cells, s.flops],
      ),
    db.prepare('SELECT spec_digest FROM sweeps WHERE id = ?').bind(s.id),
  ]);
  return { created: insert?.meta.changes === 1, specDigest: select?.results[0]?.spec_digest ?? '' };
}

/** The normalised spec of a sweep as JSON; null when there is no such sweep. */
export function specOf(db: D1Database, id: string): Promise<string | null> {
  return db.prepare('SELECT spec FROM sweeps WHERE id = ?').bind(id).first<string>('spec');
}

const SUMMARY = `sweeps.id, sweeps.name, title, researchers.name AS researcher, sweeps.created_at AS createdAtMs,
  runs, cells, finished_runs AS finishedRuns, failed_runs AS failedRuns, flops`;
const FROM = 'FROM sweeps JOIN researchers ON researchers.id = researcher_id';

export type SweepRow = SweepSummary & { description: string | null; spec: string; specDigest: string };

export function sweepById(db: D1Database, id: string): Promise<SweepRow | null> {
  return db
    .prepare(`SELECT ${SUMMARY}, description, spec, spec_digest AS specDigest ${FROM} WHERE sweeps.id = ?`)
    .bind(id)
    .first();
}

/** The newest sweeps, newest first. */
export async function newestSweeps(db: D1Database, max: number): Promise<SweepSummary[]> {
  const { results } = await db
    .prepare(`SELECT ${SUMMARY} ${FROM} ORDER BY sweeps.created_at DESC, sweeps.id LIMIT ?`)
    .bind(max)
    .all<SweepSummary>();
  return results;
}

/** Sweeps with runs that are neither finished nor failed, oldest first; lags a few seconds behind. */
export async function openSweepIds(db: D1Database, max: number): Promise<string[]> {
  const { results } = await db
    .prepare('SELECT id FROM sweeps WHERE finished_runs + failed_runs < runs ORDER BY created_at, id LIMIT ?')
    .bind(max)
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

/** Writes how far a sweep is, where that is newer than what is there. */
export function setProgress(
  db: D1Database,
  id: string,
  seq: number,
  p: { finishedRuns: number; failedRuns: number },
) {
  return db
    .prepare('UPDATE sweeps SET finished_runs = ?, failed_runs = ?, seq = ? WHERE id = ? AND seq < ?')
    .bind(p.finishedRuns, p.failedRuns, seq, id, seq)
    .run();
}

export interface Totals {
  sweeps: number;
  openSweeps: number;
  finishedRuns: number;
  plannedRuns: number;
  volunteers: number;
}

/** Everything there is, in numbers; volunteers are those with a finished run. */
export async function totals(db: D1Database): Promise<Totals> {
  const row = await db
    .prepare(
      `SELECT count(*) AS sweeps, count(*) FILTER (WHERE finished_runs + failed_runs < runs) AS openSweeps,
         coalesce(sum(finished_runs), 0) AS finishedRuns, coalesce(sum(runs), 0) AS plannedRuns,
         (SELECT count(DISTINCT volunteer_id) FROM contributions) AS volunteers
       FROM sweeps`,
    )
    .first<Totals>();
  if (!row) throw new Error('an aggregate without a row');
  return row;
}
