import { expect, test } from 'vitest';
import { aggregateCell } from '../../shared/measures/aggregate.ts';
import { overlaps, ranked } from './ranking.ts';

const row = (name: string, lower: number | null, median: number | null, upper: number | null) => ({
  name,
  aggregate: { ...aggregateCell([], 1500), tGen: { lower, median, upper } },
});

test('rows that overlap the best one of a rank share it, and rows without an interval have none', () => {
  const rows = [
    row('a', 90, 100, 120),
    row('one run only', null, 105, null),
    row('b', 110, 130, 150),
    row('overlaps b alone', 140, 160, 180),
    row('c', 170, 180, 190),
    row('d', 400, 500, 600),
    row('e', null, null, null),
  ];
  expect(ranked(rows).map(({ rank, isTied }) => [rank, isTied])).toEqual([
    [1, true],
    [null, false],
    [1, true],
    [3, true],
    [3, true],
    [5, false],
    [null, false],
  ]);
});

test('an interval without an upper end overlaps everything later', () => {
  const open = row('a', 90, 100, null).aggregate;
  expect(overlaps(open, row('b', 4000, 5000, 6000).aggregate)).toBe(true);
  expect(overlaps(row('b', 10, 20, 80).aggregate, open)).toBe(false);
});
