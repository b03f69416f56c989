// The aggregates of cells, kept up to date run by run, so that a cell of a million runs costs no more than a small one.

import {
  aggregateCounts,
  type CellAggregate,
  type Counts,
  countRun,
  noCounts,
} from '../../shared/measures/aggregate.ts';
import type { Summary } from './summaries.ts';

/** Cells kept in memory; the others are counted again when somebody looks. */
const CELLS_MAX = 5000;

/** One cell's finished runs, counted. */
export class Tally {
  readonly counts: Counts = noCounts();
  /** The first run that generalised at each step. */
  readonly samples = new Map<number, number>();
  latestMs = 0;
  private readonly lastStep: number;
  private known: CellAggregate | null = null;

  constructor(lastStep: number) {
    this.lastStep = lastStep;
  }

  add(run: number, summary: Summary): void {
    countRun(this.counts, summary);
    this.latestMs = Math.max(this.latestMs, summary.finishedAtMs);
    const { tGen } = summary;
    if (tGen !== null) this.samples.set(tGen, Math.min(run, this.samples.get(tGen) ?? run));
    this.known = null;
  }

  get aggregate(): CellAggregate {
    this.known ??= aggregateCounts(this.counts, this.lastStep);
    return this.known;
  }

  /** The generalised run nearest to the median (to the last step where there is none), the first of several. */
  sampleRun(): number | null {
    const { tGen, lastStep } = this.aggregate;
    const middle = tGen.median ?? lastStep;
    let best: { run: number; away: number } | null = null;
    for (const [step, run] of this.samples) {
      const away = Math.abs(step - middle);
      if (!best || away < best.away || (away === best.away && run < best.run)) best = { run, away };
    }
    return best?.run ?? null;
  }
}

export class Tallies {
  private readonly kept = new Map<number, Tally>();

  /** One more finished run of a cell; nothing where the cell is not kept. */
  add(cell: number, run: number, summary: Summary): void {
    this.kept.get(cell)?.add(run, summary);
  }

  /** The tally of a cell; `count` makes it where it is not kept. */
  of(cell: number, count: () => Tally): Tally {
    const known = this.kept.get(cell);
    if (known) return known;
    const tally = count();
    const [oldest] = this.kept.keys();
    if (this.kept.size >= CELLS_MAX && oldest !== undefined) this.kept.delete(oldest);
    this.kept.set(cell, tally);
    return tally;
  }
}
