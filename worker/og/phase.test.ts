import { expect, test } from 'vitest';
import type { CellReply } from '../../shared/protocol.ts';
import type { Axis } from '../../shared/spec/axes.ts';
import { drawPhase, phaseOf } from './phase.ts';

const down: Axis = { path: 'task.trainFraction', values: [0.5, 0.3] };
const across: Axis = { path: 'optimizer.weightDecay', values: [0, 1, 2] };
const cell = (values: number[], n: number, generalised: number) =>
  ({ cell: 0, values, runs: 4, aggregate: { n, generalised } }) as unknown as CellReply;
const cells = [0.5, 0.3].flatMap((y) => [0, 1, 2].map((x) => cell([y, x], x === 2 ? 0 : 4, x === 1 ? 3 : 0)));

test('a grid over two parameters is a map, its values ascending', () => {
  const phase = phaseOf([down, across], cells);
  expect(phase?.down).toEqual({ name: 'train fraction', values: ['0.3', '0.5'] });
  expect(phase?.rows.map((row) => row.map(({ values }) => values))).toEqual([
    [
      [0.3, 0],
      [0.3, 1],
      [0.3, 2],
    ],
    [
      [0.5, 0],
      [0.5, 1],
      [0.5, 2],
    ],
  ]);
});

test('every cell says of how many finished runs how many generalised', () => {
  const svg = drawPhase({ left: 0, top: 0, width: 900, height: 200 }, phaseOf([down, across], cells)!);
  expect(svg.match(/>3 \/ 4</g)).toHaveLength(2);
  expect(svg.match(/>0 \/ 4</g)).toHaveLength(2);
  expect(svg.match(/>–</g)).toHaveLength(2);
});

test('what is no readable grid is no map', () => {
  const range: Axis = { path: 'optimizer.lr', min: 0, max: 1, distribution: 'uniform' };
  const many: Axis = { path: 'task.p', values: Array.from({ length: 30 }, (_, i) => i) };
  expect(phaseOf([across], cells.slice(0, 3))).toBeNull();
  expect(phaseOf([down, range], cells)).toBeNull();
  expect(phaseOf([down, many], cells)).toBeNull();
  expect(phaseOf([down, across], cells.slice(1))).toBeNull();
  // A random search with repeated draws has as many cells, but not every combination.
  expect(phaseOf([down, across], [...cells.slice(1), cells[1]!])).toBeNull();
});
