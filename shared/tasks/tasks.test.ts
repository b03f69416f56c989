import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ModularTask } from '../spec/schema.ts';
import { splitRows, taskRows, taskSize, trainRowCount } from './index.ts';

const modular = (change: Partial<ModularTask> = {}): ModularTask => ({
  kind: 'modular',
  op: 'add',
  p: 31,
  pairs: 'unordered',
  diagonal: true,
  trainFraction: 0.7,
  ...change,
});

test('the papers count their pairs like this', () => {
  expect(taskSize(modular({ p: 67 })).rows).toBe(2278);
  expect(taskSize(modular({ p: 67, diagonal: false })).rows).toBe(2211);
  expect(taskSize(modular({ p: 97, pairs: 'ordered' })).rows).toBe(9409);
  expect(trainRowCount(modular({ p: 67, diagonal: false, trainFraction: 0.4 }))).toBe(884);
  expect(trainRowCount(modular())).toBe(347);
});

const anyTask = fc.record({
  p: fc.integer({ min: 3, max: 23 }),
  pairs: fc.constantFrom('ordered' as const, 'unordered' as const),
  diagonal: fc.boolean(),
  trainFraction: fc.double({ min: 0.2, max: 0.9, noNaN: true }),
});

test('every pair occurs once, with the right sum', () => {
  fc.assert(
    fc.property(anyTask, (change) => {
      const task = modular(change);
      const { rows, tokens, targets } = taskRows(task);
      const seen = new Set<number>();
      for (let row = 0; row < rows; row++) {
        const [a, b] = [tokens[2 * row] as number, tokens[2 * row + 1] as number];
        if (task.pairs === 'unordered' && a > b) return false;
        if (!task.diagonal && a === b) return false;
        if (targets[row] !== (a + b) % task.p) return false;
        seen.add(a * task.p + b);
      }
      return seen.size === rows && tokens.length === 2 * rows;
    }),
  );
});

test('train and test rows are disjoint and complete, and smaller training sets lie within larger ones', () => {
  fc.assert(
    fc.property(anyTask, fc.integer({ min: 0, max: 0xffffffff }), (change, seed) => {
      const task = modular(change);
      const { train, test: held } = splitRows(task, seed);
      const smaller = splitRows({ ...task, trainFraction: task.trainFraction / 2 }, seed).train;
      const all = new Set([...train, ...held]);
      return (
        all.size === taskSize(task).rows &&
        train.length === trainRowCount(task) &&
        smaller.every((row) => train.includes(row))
      );
    }),
  );
});
