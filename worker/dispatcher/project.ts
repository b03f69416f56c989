// Telling D1: aggregates of cells, contributions and progress, each with the sequence number they are true at. D1 may
// fail or be behind; it is told again until it knows.

import { cellValues, runsInCell } from '../../shared/spec/sweep.ts';
import { boardWords, cellWords } from '../../shared/spec/words.ts';
import type { CellRow } from '../store/cells.ts';
import type { Contribution } from '../store/contributions.ts';
import type { CommitLog } from './log.ts';
import type { SweepState } from './state.ts';
import type { StoredSweep } from './tables.ts';

const CELLS_AT_ONCE = 500;
/** With thirty days each they are one text for D1, which takes 2 MB. */
const VOLUNTEERS_AT_ONCE = 1000;

interface Parts {
  state: SweepState;
  log: CommitLog;
  tables: StoredSweep;
}

/** Everything D1 is to be told, true at `seq`. */
export interface Projection {
  sweepId: string;
  stripe: number;
  seq: number;
  cells: CellRow[];
  volunteers: Contribution[];
  finishedRuns: number;
  failedRuns: number;
  /** Whether this is all there was to tell. */
  isComplete: boolean;
}

/** What D1 does not know yet; null when it knows all. The caller writes it, then calls `projected` or `notProjected`. */
export function prepareProjection({ state, log, tables }: Parts): Projection | null {
  log.flush();
  const { seq } = log;
  if (seq === tables.meta('projectedSeq')) return null;
  const { sweepId, ledger, stripe } = state;
  const cells = taken(state.dirtyCells, CELLS_AT_ONCE).map((cell) => cellRow(state, cell));
  const volunteers = taken(state.dirtyVolunteers, VOLUNTEERS_AT_ONCE).map((volunteerId) => ({
    volunteerId,
    ...NOTHING,
    ...ledger.contributions.get(volunteerId),
  }));
  return {
    ...{ sweepId, stripe: stripe.stripe, seq, cells, volunteers },
    ...{ finishedRuns: ledger.doneRuns, failedRuns: state.failedRuns() },
    isComplete: state.dirtyCells.size === 0 && state.dirtyVolunteers.size === 0,
  };
}

/** D1 was told. */
export function projected({ tables }: Pick<Parts, 'tables'>, { seq, isComplete }: Projection): void {
  if (isComplete) tables.setMeta('projectedSeq', seq);
}

/** D1 was not told, or only in part: it is told again. */
export function notProjected({ state }: Pick<Parts, 'state'>, { cells, volunteers }: Projection): void {
  for (const { cell } of cells) state.dirtyCells.add(cell);
  for (const { volunteerId } of volunteers) state.dirtyVolunteers.add(volunteerId);
}

const NOTHING = { runs: 0, credit: 0, days: [] };

function taken<T>(dirty: Set<T>, max: number): T[] {
  const some: T[] = [];
  for (const member of dirty) {
    if (some.length === max) break;
    some.push(member);
  }
  for (const member of some) dirty.delete(member);
  return some;
}

function cellRow(state: SweepState, cell: number): CellRow {
  const { sweep } = state;
  const tally = state.tally(cell);
  const sample = tally.sampleRun();
  const runs = runsInCell(sweep, cell);
  const values = cellValues(sweep, cell);
  return {
    ...{ cell, runs, values, aggregate: tally.aggregate },
    label: cellWords(
      sweep.axes.map(({ path }) => path),
      values,
    ),
    task: boardWords(state.ofCell(cell).config),
    completedAtMs: tally.counts.n === runs ? tally.latestMs : null,
    sampleRun: sample === null ? null : state.globalRun(sample),
  };
}
