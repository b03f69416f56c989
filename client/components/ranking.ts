// Ranks that do not pretend: where the interval of a row overlaps the row above, their order is not settled.

import type { CellAggregate } from '../../shared/measures/aggregate.ts';

export interface Ranked<T> {
  row: T;
  /** Null: tGen was not reached by half of the runs, so there is no rank. */
  rank: number | null;
  /** Its interval overlaps that of the row above: the order of the two is not settled. */
  isTied: boolean;
}

/** True when the 95 % intervals of two medians have a step in common; an open end reaches on for ever. */
export function overlaps(a: CellAggregate, b: CellAggregate): boolean {
  const end = (x: number | null) => x ?? Number.POSITIVE_INFINITY;
  return end(a.tGen.lower) <= end(b.tGen.upper) && end(b.tGen.lower) <= end(a.tGen.upper);
}

/** Ranks rows that come by median tGen, those without one last. */
export const ranked = <T extends { aggregate: CellAggregate }>(rows: readonly T[]): Ranked<T>[] =>
  rows.map((row, i) => {
    if (row.aggregate.tGen.median === null) return { row, rank: null, isTied: false };
    const above = rows[i - 1];
    return { row, rank: i + 1, isTied: above !== undefined && overlaps(above.aggregate, row.aggregate) };
  });
