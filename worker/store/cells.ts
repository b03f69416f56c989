import type { CellAggregate } from '../../shared/measures/aggregate.ts';
import type { BoardsReply } from '../../shared/protocol.ts';
import { exactJson } from '../digest.ts';

/** One configuration of a sweep, as boards and the first page need it. */
export interface CellRow {
  cell: number;
  label: string;
  values: readonly unknown[];
  task: string;
  runs: number;
  aggregate: CellAggregate;
  /** When its last run finished; null while runs are missing. */
  completedAtMs: number | null;
  /** A generalised run in the middle of the others. */
  sampleRun: number | null;
}

/** Writes cells of one sweep, where they are newer than what is there. */
export function upsertCells(db: D1Database, sweepId: string, seq: number, rows: readonly CellRow[]) {
  return db
    .prepare(
      `INSERT INTO cells (sweep_id, cell, label, axis_values, task, runs, aggregate, generalised, median_tgen,
         completed_at, sample_run, seq)
       SELECT ?1, value ->> 'cell', value ->> 'label', value -> 'values', value ->> 'task', value ->> 'runs',
         value -> 'aggregate', value ->> '$.aggregate.generalised', value ->> '$.aggregate.tGen.median',
         value ->> 'completedAtMs', value ->> 'sampleRun', ?2
       FROM json_each(?3) WHERE true
       ON CONFLICT (sweep_id, cell) DO UPDATE
       SET runs = excluded.runs, aggregate = excluded.aggregate, generalised = excluded.generalised, median_tgen = excluded.median_tgen,
         completed_at = excluded.completed_at, sample_run = excluded.sample_run, seq = excluded.seq
       WHERE excluded.seq > cells.seq`,
    )
    .bind(sweepId, seq, exactJson(rows))
    .run();
}

export type BoardRow = BoardsReply['boards'][number]['rows'][number];

interface StoredCell extends Omit<BoardRow, 'aggregate'> {
  aggregate: string;
  task: string;
  completedAtMs: number;
  sampleRun: number;
}

const CELL = `sweep_id AS sweepId, title, cell, label, cells.runs AS runs, aggregate, task,
  completed_at AS completedAtMs, sample_run AS sampleRun`;
const FROM = 'FROM cells JOIN sweeps ON sweeps.id = sweep_id';

const boardRow = ({ sweepId, title, cell, label, runs, aggregate }: StoredCell): BoardRow => ({
  ...{ sweepId, title, cell, label, runs },
  aggregate: JSON.parse(aggregate),
});

/** The best cells of every task by median tGen; those without a median come last. */
export async function rankedCells(db: D1Database, perTask: number): Promise<BoardsReply['boards']> {
  const { results } = await db
    .prepare(
      `SELECT * FROM (
         SELECT ${CELL}, row_number() OVER (
           PARTITION BY task ORDER BY median_tgen IS NULL, median_tgen, generalised DESC, sweep_id, cell
         ) AS place ${FROM}
       ) WHERE place <= ? ORDER BY task, place`,
    )
    .bind(perTask)
    .all<StoredCell>();
  const boards = Map.groupBy(results, ({ task }) => task);
  return [...boards].map(([task, rows]) => ({ task, rows: rows.map(boardRow) }));
}

export type Finding = BoardRow & { task: string; completedAtMs: number; run: number };

/** The cell completed last in which a run generalised. */
export async function newestFinding(db: D1Database): Promise<Finding | null> {
  const row = await db
    .prepare(
      `SELECT ${CELL} ${FROM} WHERE completed_at IS NOT NULL AND generalised > 0
       ORDER BY completed_at DESC, sweep_id, cell LIMIT 1`,
    )
    .first<StoredCell>();
  return row && { ...boardRow(row), task: row.task, completedAtMs: row.completedAtMs, run: row.sampleRun };
}
