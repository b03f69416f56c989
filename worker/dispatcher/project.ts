// Telling D1: aggregates of cells, contributions and progress, each with the sequence number they are true at. D1 may
// fail or be behind; it is told again until it knows.

import type { CellAggregate } from '../../shared/measures/aggregate.ts';
import { cellConfig, cellValues, runsInCell } from '../../shared/spec/sweep.ts';
import { boardWords, cellWords } from '../../shared/spec/words.ts';
import { type CellRow, upsertCells } from '../store/cells.ts';
import { setProgress } from '../store/sweeps.ts';
import { upsertContributions } from '../store/volunteers.ts';
import type { CommitLog } from './log.ts';
import type { SweepState } from './state.ts';
import type { Tables } from './tables.ts';

const CELLS_PER_WRITE = 200;
const VOLUNTEERS_PER_WRITE = 1000;

interface Parts {
  state: SweepState;
  log: CommitLog;
  tables: Tables;
  db: D1Database;
}

/** Brings D1 up to date. Throws when D1 fails; what it was not told stays marked. */
export async function project({ state, log, tables, db }: Parts): Promise<void> {
  log.flush();
  const from = log.seq;
  if (from === tables.meta('projectedSeq')) return;
  const { sweepId, ledger } = state;
  await inChunks(state.dirtyCells, CELLS_PER_WRITE, async (cells) => {
    log.flush();
    await upsertCells(
      db,
      sweepId,
      log.seq,
      cells.map((cell) => cellRow(state, cell)),
    );
  });
  await inChunks(state.dirtyVolunteers, VOLUNTEERS_PER_WRITE, async (ids) => {
    log.flush();
    const rows = ids.map((volunteerId) => ({
      volunteerId,
      ...(ledger.contributions.get(volunteerId) ?? NOTHING),
    }));
    await upsertContributions(db, sweepId, log.seq, rows);
  });
  log.flush();
  await setProgress(db, sweepId, log.seq, { finishedRuns: ledger.doneRuns, failedRuns: state.failedRuns() });
  tables.setMeta('projectedSeq', from);
}

const NOTHING = { runs: 0, credit: 0 };

/** Takes members out of the set, so many at a time, and puts them back when the work on them fails. */
async function inChunks<T>(
  dirty: Set<T>,
  size: number,
  work: (members: T[]) => Promise<void>,
): Promise<void> {
  // Members that come in meanwhile wait for the next time, else a busy sweep would never end here.
  const all = [...dirty];
  for (let i = 0; i < all.length; i += size) {
    const members = all.slice(i, i + size);
    for (const member of members) dirty.delete(member);
    try {
      await work(members);
    } catch (error) {
      for (const member of members) dirty.add(member);
      throw error;
    }
  }
}

function cellRow(state: SweepState, cell: number): CellRow {
  const { sweep, summaries } = state;
  const finished = state.finishedRunsOf(cell);
  const aggregate = state.aggregate(cell);
  const runs = runsInCell(sweep, cell);
  const times = finished.map((run) => summaries.finishedAtMs(run) as number);
  return {
    ...{ cell, runs, aggregate },
    label: cellWords(
      sweep.axes.map(({ path }) => path),
      cellValues(sweep, cell),
    ),
    values: cellValues(sweep, cell),
    task: boardWords(cellConfig(sweep, cell)),
    completedAtMs: finished.length === runs ? times.reduce((a, b) => Math.max(a, b), 0) : null,
    sampleRun: sampleRun(state, finished, aggregate),
  };
}

/** The generalised run nearest to the median (to the last step where there is none). */
function sampleRun(
  { summaries }: SweepState,
  runs: readonly number[],
  { tGen, lastStep }: CellAggregate,
): number | null {
  const middle = tGen.median ?? lastStep;
  let best: { run: number; away: number } | null = null;
  for (const run of runs) {
    const reached = summaries.milestones(run).tGen;
    if (reached === null) continue;
    const away = Math.abs(reached - middle);
    if (!best || away < best.away) best = { run, away };
  }
  return best?.run ?? null;
}
