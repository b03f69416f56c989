import { expect, test } from 'vitest';
import type { GroupPoint } from '../../engine/messages.ts';
import { asBand, asLines, cellsOf, countOf, linesOf } from './live-curves.ts';

const evaluation = (x: number) => ({
  trainLoss: x,
  trainAccuracy: 2 * x,
  testLoss: 3 * x,
  testAccuracy: 4 * x,
});
const points: GroupPoint[] = [
  { step: 0, of: [evaluation(1), evaluation(2), evaluation(3)] },
  { step: 5, of: [evaluation(4), evaluation(5), evaluation(7)] },
  { step: 6, of: [evaluation(6), null, evaluation(8)] },
];
const run = (number: number, cell: number) => ({ run: number, cell, seed: number, label: `cell ${cell}` });
const runs = [run(4, 1), run(5, 1), run(9, 2)];
const flags = [
  { tMem: 1, tGen: 5 },
  { tMem: 2, tGen: null },
  { tMem: null, tGen: null },
];

test('every run has its curve, from the beginning of its part on and as far as it did not diverge', () => {
  const [first, second] = linesOf(points, 'accuracy', { from: 5, runs: 3 });
  expect(first).toEqual({ steps: [0, 1], train: [8, 12], test: [16, 24] });
  expect(second).toEqual({ steps: [0], train: [10], test: [20] });
  expect(linesOf(points, 'loss', { from: 0, runs: 1 })[0]?.test).toEqual([3, 12, 18]);
});

test('the first run is bold and has the flags, each other one is thin and has a mark', () => {
  const lines = linesOf(points, 'loss', { from: 0, runs: 3 });
  const drawn = asLines(lines, flags);
  expect(drawn).toMatchObject({ band: null, tMem: 1, tGen: 5, marks: flags.slice(1) });
  expect(drawn.curves).toEqual({ ...lines[0], others: lines.slice(1) });
  expect(asLines([], []).curves.steps).toEqual([]);
});

test('a band is of the runs of one cell only, with a mark for each of them', () => {
  const cells = cellsOf({ runs });
  expect(cells).toEqual([
    { cell: 1, label: 'cell 1', places: [0, 1] },
    { cell: 2, label: 'cell 2', places: [2] },
  ]);
  const lines = linesOf(points, 'loss', { from: 0, runs: 3 });
  const drawn = asBand(lines, flags, cells[0]!);
  expect(drawn.curves).toEqual({ steps: [0, 5, 6], train: [1.5, 4.5, 6], test: [4.5, 13.5, 18] });
  expect(drawn).toMatchObject({ tMem: null, tGen: null, marks: flags.slice(0, 2) });
  expect([countOf(flags, 'tMem'), countOf(flags, 'tGen')]).toEqual([2, 1]);
});
