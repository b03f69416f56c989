// A sweep in memory: its ledger, its results that are not folded yet, and what D1 has not been told. Built from
// what is stored, and changed by log entries only.

import { aggregateCell, type CellAggregate } from '../../shared/measures/aggregate.ts';
import { cellConfig, runAt, runsOfCell, type Sweep, sweepOf } from '../../shared/spec/sweep.ts';
import { apply, isDone, type Ledger, type LedgerEvent, newLedger } from '../../shared/unit.ts';
import type { RunRecord } from './record.ts';
import { decodeLedger } from './snapshot.ts';
import { RUNS_PER_PAGE, Summaries } from './summaries.ts';
import type { Tables } from './tables.ts';

export class SweepState {
  readonly sweepId: string;
  readonly sweep: Sweep;
  readonly ledger: Ledger;
  readonly summaries: Summaries;
  /** Results that are in the log and not yet on a page. */
  readonly recent = new Map<number, RunRecord>();
  readonly dirtyCells = new Set<number>();
  readonly dirtyVolunteers = new Set<string>();
  private readonly tables: Tables;
  private readonly aggregates = new Map<number, CellAggregate>();

  /** What is stored, with the log replayed over it. */
  constructor(tables: Tables) {
    this.tables = tables;
    this.sweepId = tables.meta('sweepId');
    this.sweep = sweepOf(JSON.parse(tables.meta('spec')));
    const snapshot = tables.snapshot();
    this.ledger = snapshot ? decodeLedger(snapshot) : newLedger(this.sweep.runs);
    this.summaries = new Summaries(this.sweep.runs);
    const projected = tables.meta('projectedSeq');
    for (const { page, seq, summary } of tables.summaries()) {
      this.summaries.restore(page, summary);
      if (seq > projected) this.markPageDirty(page);
    }
    for (const { row } of tables.log()) {
      for (const event of row.events) apply(this.ledger, event);
      for (const record of row.records) this.admit(record);
    }
    if (tables.lastSeq() > projected)
      for (const id of this.ledger.contributions.keys()) this.dirtyVolunteers.add(id);
  }

  /** Changes memory; the caller sees to it that the same is logged. */
  apply(event: LedgerEvent, record: RunRecord | null): void {
    apply(this.ledger, event);
    if (record) this.admit(record);
  }

  /** The record of a finished run; null while there is none. */
  record(run: number): RunRecord | null {
    if (!isDone(this.ledger, run)) return null;
    const recent = this.recent.get(run);
    return (
      recent ?? this.tables.page(Math.floor(run / RUNS_PER_PAGE)).find((record) => record.run === run) ?? null
    );
  }

  /** The records of finished runs from .. to - 1. */
  records(from: number, to: number): Map<number, RunRecord> {
    const found = new Map<number, RunRecord>();
    for (let page = Math.floor(from / RUNS_PER_PAGE); page * RUNS_PER_PAGE < to; page++) {
      for (const record of this.tables.page(page))
        if (record.run >= from && record.run < to) found.set(record.run, record);
    }
    for (const [run, record] of this.recent) if (run >= from && run < to) found.set(run, record);
    return found;
  }

  finishedRunsOf(cell: number): number[] {
    return runsOfCell(this.sweep, cell).filter((run) => isDone(this.ledger, run));
  }

  /** Computed when somebody looks, once for every change of the cell. */
  aggregate(cell: number): CellAggregate {
    const known = this.aggregates.get(cell);
    if (known) return known;
    const milestones = this.finishedRunsOf(cell).map((run) => this.summaries.milestones(run));
    const aggregate = aggregateCell(milestones, cellConfig(this.sweep, cell).train.steps);
    this.aggregates.set(cell, aggregate);
    return aggregate;
  }

  failedRuns(): number {
    let runs = 0;
    for (const { first, count } of this.ledger.failed.values()) {
      for (let run = first; run < first + count; run++) if (!isDone(this.ledger, run)) runs++;
    }
    return runs;
  }

  /** Every run is finished or failed. */
  isOver(): boolean {
    const { ledger } = this;
    return ledger.cursor === ledger.runs && ledger.open.size === 0;
  }

  private admit(record: RunRecord): void {
    this.recent.set(record.run, record);
    this.summaries.add(record);
    const { cell } = runAt(this.sweep, record.run);
    this.aggregates.delete(cell);
    this.dirtyCells.add(cell);
    this.dirtyVolunteers.add(record.volunteerId);
  }

  private markPageDirty(page: number): void {
    const end = Math.min((page + 1) * RUNS_PER_PAGE, this.sweep.runs);
    for (let run = page * RUNS_PER_PAGE; run < end; run++) this.dirtyCells.add(runAt(this.sweep, run).cell);
  }
}
