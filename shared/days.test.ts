import { expect, test } from 'vitest';
import { type DayOfWork, dayOf, firstDayLately, withWork } from './days.ts';

const DAY_MS = 24 * 3600 * 1000;
const run = { runs: 1, credit: 10 };

test('work of one day is added up, until midnight in UTC', () => {
  const once = withWork([], 5 * DAY_MS, run);
  expect(withWork(once, 6 * DAY_MS - 1, run)).toEqual([[5, 2, 20]]);
  expect(withWork(once, 6 * DAY_MS, run)).toEqual([
    [5, 1, 10],
    [6, 1, 10],
  ]);
});

test('a clock that was set back changes the day before, and days stay in order', () => {
  const days = withWork([], 6 * DAY_MS, run);
  expect(withWork(days, 5 * DAY_MS, { runs: 0, credit: 3 })).toEqual([
    [5, 0, 3],
    [6, 1, 10],
  ]);
});

test('thirty days are kept, the newest', () => {
  let days: readonly DayOfWork[] = [];
  for (let day = 100; day < 140; day++) days = withWork(days, day * DAY_MS, run);
  expect(days.map(([day]) => day)).toEqual(Array.from({ length: 30 }, (_, i) => 110 + i));
  expect(withWork(days, 109 * DAY_MS, run)).toEqual(days);
  expect(firstDayLately(139 * DAY_MS + 7)).toBe(110);
  expect(dayOf(139 * DAY_MS + 7)).toBe(139);
});

test('what is given is left as it is', () => {
  const days: DayOfWork[] = [[5, 1, 10]];
  withWork(days, 5 * DAY_MS, run);
  expect(days).toEqual([[5, 1, 10]]);
});
