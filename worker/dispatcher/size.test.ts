import { expect, test } from 'vitest';
import { LIMITS } from '../../shared/limits.ts';
import { runCost } from '../../shared/spec/cost.ts';
import { cellConfig, runAt, runsOfCell, type Sweep, shapeOf, sweepOf } from '../../shared/spec/sweep.ts';
import { sweepFlops } from '../../shared/spec/sweep-cost.ts';
import { tinySpec } from '../../test/api/world.ts';
import { type Ask, believedRate, type Sized, segmentSteps, unitSize } from './size.ts';

const sweep = (parameters: object, more: object = {}): Sweep =>
  sweepOf(tinySpec('units', { parameters, ...more }));
const seeds = { seed: { min: 0, max: 99 } };

const sized = (some: Sweep, run: number): Sized => {
  const config = cellConfig(some, runAt(some, run).cell);
  return { cost: runCost(config), lastStep: config.train.steps, stateBytes: 1000, shape: shapeOf(config) };
};

const WHOLE: Omit<Ask, 'flopsPerSecond'> = { replicas: 1, continues: false };
const sizeOf = (some: Sweep, first: number, ask: Ask): number =>
  unitSize(some.runs - first, (i) => sized(some, first + i), ask);
/** The speed at which so much work takes as long as a unit should. */
const speedFor = (flops: number) => (flops * 1000) / LIMITS.unitTargetMs;

test('a unit is about two minutes of work, at least one run and at most the limit', () => {
  const one = sweep(seeds);
  const { flops } = sized(one, 0).cost;
  const sizes = [0, 0.5, 1, 3.9, 1000].map((runs) =>
    sizeOf(one, 0, { ...WHOLE, flopsPerSecond: speedFor(runs * flops) }),
  );
  expect(sizes).toEqual([1, 1, 1, 3, LIMITS.runsPerUnitMax]);
  expect(sizeOf(one, 98, { ...WHOLE, flopsPerSecond: 1e15 })).toBe(2);
});

test('a unit goes on whatever is searched over, so that seeds of one network meet in it', () => {
  const searched = sweep({
    'model.hidden': { values: [4, 8] },
    'task.trainFraction': { values: [0.3, 0.5] },
    'train.steps': { values: [20, 30] },
    ...seeds,
  });
  for (const first of [0, 3])
    expect(sizeOf(searched, first, { ...WHOLE, flopsPerSecond: 1e15 })).toBe(LIMITS.runsPerUnitMax);
});

test('runs of different length make a unit of about two minutes together', () => {
  const lengths = sweep({ 'train.steps': { values: [20, 2000] }, ...seeds });
  const [short, long] = [0, 1].map((run) => sized(lengths, run).cost.flops) as [number, number];
  const sizes = [short + 0.9 * long, short + long, 2.5 * (short + long)].map((flops) =>
    sizeOf(lengths, 0, { ...WHOLE, flopsPerSecond: speedFor(flops) }),
  );
  expect(sizes).toEqual([1, 2, 5]);
});

test('long runs that can be handed over come as many at once as the device trains together', () => {
  const one = sweep(seeds);
  const slow = { flopsPerSecond: 0, replicas: 7, continues: true };
  expect(sizeOf(one, 0, slow)).toBe(7);
  expect(sizeOf(one, 0, { ...slow, continues: false })).toBe(1);
  expect(sizeOf(one, 97, slow)).toBe(3);
  const shapes = sweep({ 'model.hidden': { values: [4, 8] }, ...seeds });
  expect(sizeOf(shapes, 0, slow)).toBe(1);
  const huge = (i: number) => ({ ...sized(one, i), stateBytes: LIMITS.runStateBytesMax + 1 });
  expect(unitSize(100, huge, slow)).toBe(1);
});

test('a segment is what the device does in the time of a unit, and never too short to be worth a checkpoint', () => {
  const run = { ...sized(sweep(seeds, { train: { steps: 4000 } }), 0), from: 0 };
  const fitting = (steps: number) => ({
    flopsPerSecond: speedFor((steps + 0.5) * run.cost.flopsPerStep),
    continues: true,
  });
  expect(segmentSteps([run], fitting(500))).toBe(500);
  expect(segmentSteps([run, run], fitting(500))).toBe(250);
  expect(segmentSteps([run], fitting(1))).toBe(4000 / LIMITS.segmentsPerRunMax);
  expect(segmentSteps([run], { ...fitting(1), continues: false })).toBe(4000);
});

test('a short rest is done with the segment before it', () => {
  const run = { ...sized(sweep(seeds, { train: { steps: 4000 } }), 0), from: 0 };
  const ask = { flopsPerSecond: speedFor(1000.5 * run.cost.flopsPerStep), continues: true };
  const stepsFrom = (from: number) => segmentSteps([{ ...run, from }], ask);
  expect([0, 2000, 2500, 3000, 3999].map(stepsFrom)).toEqual([1000, 1000, 1500, 1000, 1]);
});

test('a device is believed what it claims only as far as it was seen to be nearly as fast', () => {
  expect(believedRate(1e15, null)).toBe(LIMITS.unprovenFlopsPerSecond);
  expect(believedRate(1e3, null)).toBe(1e3);
  expect(believedRate(1e15, 1e9)).toBe(LIMITS.claimOverObservedMax * 1e9);
  expect(believedRate(1e9, 1e12)).toBe(1e9);
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
