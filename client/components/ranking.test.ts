import { expect, test } from 'vitest';
import { aggregateCell } from '../../shared/measures/aggregate.ts';
import { overlaps, ranked } from './ranking.ts';

const row = (name: string, lower: number | null, median: number | null, upper: number | null) => ({
  name,
  aggregate: { ...aggregateCell([], 1500), tGen: { lower, median, upper } },
});

test('rows whose intervals overlap the row above are marked as tied, and cells never reached have no rank', () => {
  const rows = [
    row('a', 90, 100, 120),
    row('b', 110, 130, 150),
    row('c', 400, 500, 600),
    row('d', null, null, null),
  ];
  expect(ranked(rows).map(({ rank, isTied }) => [rank, isTied])).toEqual([
    [1, false],
    [2, true],
    [3, false],
    [null, false],
  ]);
});

test('an interval without an upper end overlaps everything later', () => {
  const open = row('a', 90, 100, null).aggregate;
  expect(overlaps(open, row('b', 4000, 5000, 6000).aggregate)).toBe(true);
  expect(overlaps(row('b', 10, 20, 80).aggregate, open)).toBe(false);
});
