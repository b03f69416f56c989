// Ranks that do not pretend: where the interval of a row overlaps that of a better row, their order is not settled.

import type { CellAggregate } from '../../shared/measures/aggregate.ts';

export interface Ranked<T> {
  row: T;
  /** Rows that tie share it. Null: too few runs, or too few that generalised, for a median with an interval. */
  rank: number | null;
  /** Shares its rank with another row. */
  isTied: boolean;
}

/** True when the 95 % intervals of two medians have a step in common; an open end reaches on for ever. */
export function overlaps(a: CellAggregate, b: CellAggregate): boolean {
  const end = (x: number | null) => x ?? Number.POSITIVE_INFINITY;
  return end(a.tGen.lower) <= end(b.tGen.upper) && end(b.tGen.lower) <= end(a.tGen.upper);
}

/** Ranks rows that come by median tGen: a row that overlaps the best one of the rank before it shares that rank. */
export function ranked<T extends { aggregate: CellAggregate }>(rows: readonly T[]): Ranked<T>[] {
  let best: { row: T; rank: number } | null = null;
  let place = 0;
  const ranks = rows.map((row) => {
    const { median, lower } = row.aggregate.tGen;
    if (median === null || lower === null) return null;
    place += 1;
    if (!best || !overlaps(best.row.aggregate, row.aggregate)) best = { row, rank: place };
    return best.rank;
  });
  return rows.map((row, i) => {
    const rank = ranks[i] ?? null;
    return { row, rank, isTied: rank !== null && ranks.filter((r) => r === rank).length > 1 };
  });
}
