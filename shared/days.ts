// Accepted work by the day, for the boards of the last thirty days. Days are numbered from 1970-01-01 in UTC.

const DAY_MS = 24 * 3600 * 1000;
const DAYS_LATELY = 30;

/** Whole runs, and credit for all that was accepted, on one day. */
export type DayOfWork = readonly [day: number, runs: number, credit: number];

export const dayOf = (atMs: number): number => Math.floor(atMs / DAY_MS);

/** The first of the thirty days that end today. */
export const firstDayLately = (nowMs: number): number => dayOf(nowMs) - DAYS_LATELY + 1;

/** More work on the day of `atMs`. Ascending; what is no longer among the thirty newest days is dropped. */
export function withWork(
  days: readonly DayOfWork[],
  atMs: number,
  { runs, credit }: { runs: number; credit: number },
): DayOfWork[] {
  const day = dayOf(atMs);
  const [, runsBefore, creditBefore] = days.find(([one]) => one === day) ?? [day, 0, 0];
  const others = days.filter(([one]) => one !== day);
  const all: DayOfWork[] = [...others, [day, runsBefore + runs, creditBefore + credit]];
  const newest = Math.max(...all.map(([one]) => one));
  return all.filter(([one]) => one > newest - DAYS_LATELY).sort(([a], [b]) => a - b);
}
