import { expect, test } from 'vitest';
import { LIMITS } from '../../shared/limits.ts';
import { runCost } from '../../shared/spec/cost.ts';
import { runAt, runsOfCell, type Sweep, sweepOf } from '../../shared/spec/sweep.ts';
import { sweepFlops } from '../../shared/spec/sweep-cost.ts';
import { tinySpec } from '../../test/api/world.ts';
import { unitSize } from './decide.ts';

const sweep = (parameters: object, more: object = {}): Sweep =>
  sweepOf(tinySpec('units', { parameters, ...more }));
const seeds = { seed: { min: 0, max: 99 } };

test('a unit is about a minute of work, at least one run and at most the limit', () => {
  const one = sweep(seeds);
  const { flops } = runCost(runAt(one, 0).config);
  const runsPerMinute = (runs: number) => (runs * flops * 1000) / LIMITS.unitTargetMs;
  expect([0, 0.5, 1, 3.9, 1000].map((runs) => unitSize(one, 0, runsPerMinute(runs)))).toEqual([
    1,
    1,
    1,
    3,
    LIMITS.runsPerUnitMax,
  ]);
  expect(unitSize(one, 98, 1e15)).toBe(2);
});

test('a unit goes on whatever is searched over, so that seeds of one network meet in it', () => {
  const searched = sweep({
    'model.hidden': { values: [4, 8] },
    'task.trainFraction': { values: [0.3, 0.5] },
    'train.steps': { values: [20, 30] },
    ...seeds,
  });
  expect(unitSize(searched, 0, 1e15)).toBe(LIMITS.runsPerUnitMax);
  expect(unitSize(searched, 3, 1e15)).toBe(LIMITS.runsPerUnitMax);
});

test('runs of different length make a unit of about a minute together', () => {
  const lengths = sweep({ 'train.steps': { values: [20, 2000] }, ...seeds });
  const [short, long] = [0, 1].map((run) => runCost(runAt(lengths, run).config).flops) as [number, number];
  const perMinute = (flops: number) => (flops * 1000) / LIMITS.unitTargetMs;
  expect(unitSize(lengths, 0, perMinute(short + 0.9 * long))).toBe(1);
  expect(unitSize(lengths, 0, perMinute(short + long))).toBe(2);
  expect(unitSize(lengths, 0, perMinute(2.5 * (short + long)))).toBe(5);
});

test.each([
  ['a grid', { parameters: { 'optimizer.weightDecay': { values: [0, 1, 2] }, ...seeds }, run_cap: 250 }],
  [
    'a random search',
    {
      method: 'random',
      run_cap: 25,
      parameters: { 'init.scale': { min: 1, max: 2, distribution: 'uniform' }, seed: { min: 0, max: 9 } },
    },
  ],
])('every run of %s is in exactly one cell', (_, more) => {
  const some = sweepOf(tinySpec('cells', more));
  const owners = Array.from({ length: some.cells }, (_cell, cell) =>
    runsOfCell(some, cell).map((run) => [run, cell]),
  ).flat();
  expect(owners.sort((a, b) => (a[0] as number) - (b[0] as number))).toEqual(
    Array.from({ length: some.runs }, (_run, run) => [run, runAt(some, run).cell]),
  );
});

test('the cost of a sweep is that of all its runs, and near it where there are too many to add up', () => {
  const axes = {
    'train.steps': { min: 20, max: 99 },
    'optimizer.lr': { values: [0.1, 0.2] },
    seed: { values: [0, 1] },
  };
  const exact = (some: Sweep) =>
    Array.from({ length: some.runs }, (_, run) => runCost(runAt(some, run).config).flops).reduce(
      (a, b) => a + b,
    );
  const small = sweep(axes);
  expect(sweepFlops(small)).toBeCloseTo(exact(small), 0);
  const large = sweep({ ...axes, 'optimizer.weightDecay': { min: 0, max: 49 } });
  expect(large.cells).toBe(8000);
  expect(Math.abs(sweepFlops(large) / exact(large) - 1)).toBeLessThan(0.02);
});
