import type { Milestones } from '../../shared/measures/milestones.ts';
import type { RunRecord } from './record.ts';

/** Runs on one stored page. */
export const RUNS_PER_PAGE = 256;
const FIELDS = 4;

/** What aggregates need of every finished run, small enough to hold for a million of them. */
export class Summaries {
  private readonly values: Float64Array; // [runs rounded up to pages, tMem tGen divergedAt finishedAtMs], NaN for none

  constructor(runs: number) {
    this.values = new Float64Array(Math.ceil(runs / RUNS_PER_PAGE) * RUNS_PER_PAGE * FIELDS).fill(Number.NaN);
  }

  add(record: RunRecord): void {
    this.values.set(fields(record), record.run * FIELDS);
  }

  /** When a run finished; null while it has not. */
  finishedAtMs(run: number): number | null {
    return this.field(run, 3);
  }

  /** The milestones of a finished run, as far as aggregates look at them. */
  milestones(run: number): Milestones {
    const [tMem, tGen, divergedAt] = [this.field(run, 0), this.field(run, 1), this.field(run, 2)];
    return {
      tMem,
      tGen,
      divergedAt,
      tau: null,
      censoredAt: null,
      finalTrainAccuracy: null,
      finalTestAccuracy: null,
    };
  }

  restore(number: number, bytes: ArrayBuffer): void {
    this.values.set(new Float64Array(bytes), number * RUNS_PER_PAGE * FIELDS);
  }

  private field(run: number, field: number): number | null {
    const value = this.values[run * FIELDS + field] as number;
    return Number.isNaN(value) ? null : value;
  }
}

/** The bytes of one page of summaries, for storage. */
export function summaryPage(page: number, records: readonly RunRecord[]): Uint8Array {
  const values = new Float64Array(RUNS_PER_PAGE * FIELDS).fill(Number.NaN);
  for (const record of records) values.set(fields(record), (record.run - page * RUNS_PER_PAGE) * FIELDS);
  return new Uint8Array(values.buffer);
}

const fields = ({ milestones: { tMem, tGen, divergedAt }, finishedAtMs }: RunRecord): number[] => [
  tMem ?? Number.NaN,
  tGen ?? Number.NaN,
  divergedAt ?? Number.NaN,
  finishedAtMs,
];
