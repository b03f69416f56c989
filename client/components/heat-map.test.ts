import { expect, test } from 'vitest';
import { aggregateCell } from '../../shared/measures/aggregate.ts';
import type { CellReply } from '../../shared/protocol.ts';
import type { AxisValue } from '../../shared/spec/schema.ts';
import { firstView, isGrid, layoutGrid, mapAxes, moved, withAxis } from './heat-map.ts';

const aggregate = aggregateCell([], 100);
const cells = (values: AxisValue[][]): CellReply[] =>
  values.map((v, cell) => ({ cell, values: v, runs: 1, aggregate }));
const numbers = (rows: (CellReply | null)[][]) => rows.map((row) => row.map((c) => c?.cell ?? null));

test('one axis makes a row, with numbers in ascending order', () => {
  const all = cells([[3], [0.5], [1.5]]);
  const axes = mapAxes(['optimizer.weightDecay'], all);
  const grid = layoutGrid(axes, all, firstView(axes));
  expect(grid.down).toBeNull();
  expect(grid.across.values).toEqual([0.5, 1.5, 3]);
  expect(numbers(grid.rows)).toEqual([[1, 2, 0]]);
});

test('two axes make a grid, and words keep their order', () => {
  const all = cells([
    ['relu', 1],
    ['relu', 2],
    ['gelu', 1],
    ['gelu', 2],
  ]);
  const axes = mapAxes(['model.activation', 'optimizer.lr'], all);
  expect(isGrid(axes, all)).toBe(true);
  expect(numbers(layoutGrid(axes, all, firstView(axes)).rows)).toEqual([
    [0, 1],
    [2, 3],
  ]);
});

test('further axes are held at a value', () => {
  const all = cells([
    [1, 1, 1],
    [1, 1, 2],
    [1, 2, 1],
    [1, 2, 2],
    [2, 1, 1],
    [2, 1, 2],
    [2, 2, 1],
    [2, 2, 2],
  ]);
  const axes = mapAxes(['a', 'b', 'c'], all);
  expect(numbers(layoutGrid(axes, all, { across: 2, down: 1, held: { 0: 1 } }).rows)).toEqual([
    [4, 5],
    [6, 7],
  ]);
});

test('a cell that is not there leaves a hole, and arrow keys step over it', () => {
  const all = cells([
    [1, 1],
    [1, 3],
    [2, 2],
  ]);
  const axes = mapAxes(['a', 'b'], all);
  const { rows } = layoutGrid(axes, all, firstView(axes));
  expect(numbers(rows)).toEqual([
    [0, null, 1],
    [null, 2, null],
  ]);
  expect(moved(rows, [0, 0], 'ArrowRight')).toEqual([0, 2]);
  expect(moved(rows, [0, 0], 'ArrowDown')).toEqual([0, 0]);
  expect(moved(rows, [0, 0], 'Tab')).toEqual([0, 0]);
});

test('choosing the axis that stands on the other side swaps them', () => {
  expect(withAxis({ across: 1, down: 0, held: {} }, 'across', 0)).toEqual({ across: 0, down: 1, held: {} });
  expect(withAxis({ across: 1, down: 0, held: {} }, 'down', 2)).toEqual({ across: 1, down: 2, held: {} });
});

test('a random search over ranges is no grid', () => {
  const all = cells(Array.from({ length: 30 }, (_, i) => [i / 7, i / 3]));
  expect(isGrid(mapAxes(['a', 'b'], all), all)).toBe(false);
});

test('cells with the same values, as drawn by a random search over a list, are no grid: none may vanish', () => {
  const drawn = cells([[1], [1], [2], [2]]);
  expect(isGrid(mapAxes(['a'], drawn), drawn)).toBe(false);
  const repeated = cells([
    [1, 1],
    [1, 2],
    [2, 2],
    [1, 1],
  ]);
  expect(isGrid(mapAxes(['a', 'b'], repeated), repeated)).toBe(false);
});
