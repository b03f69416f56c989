import { expect, test } from 'vitest';
import { aggregateCell } from '../shared/measures/aggregate.ts';
import type { Milestones } from '../shared/measures/milestones.ts';
import * as f from './format.ts';

const run = (tGen: number | null, divergedAt: number | null = null): Milestones => ({
  tMem: 40,
  tGen,
  tau: null,
  censoredAt: tGen === null && divergedAt === null ? 1500 : null,
  divergedAt,
  finalTrainAccuracy: 1,
  finalTestAccuracy: 0.5,
});

test('a step that was not reached is later than the last, never blank and never the last itself', () => {
  expect(f.reached(null, 1500)).toBe('> 1500');
  expect(f.reached(502.5, 1500)).toBe('502.5');
  expect(f.reached(12500, 20000)).toBe('12,500');
});

const cell = (...tGens: (number | null)[]) =>
  aggregateCell(
    tGens.map((t) => run(t)),
    1500,
  );
const withInterval = (lower: number | null, median: number | null, upper: number | null) => ({
  ...cell(500, 500, 500),
  tGen: { lower, median, upper },
});

test('an interval says where it has no end, and where there is none', () => {
  expect(f.interval(withInterval(420, 500, 610))).toBe('420 to 610');
  expect(f.interval(withInterval(420, 500, null))).toBe('420 to ∞');
  expect(f.interval(withInterval(null, 500, null))).toBe('–');
  expect(f.interval(cell(null, null, null))).toBe('> 1500');
  expect(f.interval(cell(null))).toBe('–');
});

test('a median that exactly half of the runs reached is where a level stretch begins', () => {
  expect(f.median(cell(1000, 1200, 1524, null, null, null), 'tGen')).toBe('≥ 1524');
  expect(f.median(cell(1000, 1200, 1524, null, null), 'tGen')).toBe('1524');
  expect(f.median(cell(1000, 1200), 'tGen')).toBe('1100');
  expect(f.median(cell(1000, null, null), 'tGen')).toBe('> 1500');
  expect(f.median(aggregateCell([], 1500), 'tGen')).toBe('–');
});

test('what diverged is not said to be later', () => {
  const diverged = aggregateCell([run(null, 3), run(null, 4), run(null)], 1500);
  expect(f.median(diverged, 'tGen')).toBe('diverged');
  expect(f.interval(diverged)).toBe('–');
  expect(f.range(aggregateCell([run(380), run(null, 3)], 1500))).toBe('380 to never');
  expect(f.milestone(run(null, 3), 'tGen', 1500)).toBe('diverged at 3');
  expect(f.milestone(run(null, 3), 'tMem', 1500)).toBe('40');
  expect(f.milestone(run(null), 'tGen', 1500)).toBe('> 1500');
});

test('the range of a cell with a censored run ends later than the last step', () => {
  expect(f.range(aggregateCell([run(380), run(700)], 1500))).toBe('380 to 700');
  expect(f.range(aggregateCell([run(380), run(null)], 1500))).toBe('380 to > 1500');
  expect(f.range(aggregateCell([run(null)], 1500))).toBe('> 1500');
  expect(f.range(aggregateCell([], 1500))).toBe('–');
});

test('sizes and times carry two digits and a unit', () => {
  expect(f.flops(3.14e12)).toBe('3.1 TFLOP');
  expect(f.flops(314e9)).toBe('314 GFLOP');
  expect(f.duration(90_000)).toBe('1.5 min');
  expect(f.duration(1.234)).toBe('1.2 ms');
  expect(f.ago(0, 7_300_000)).toBe('2 hours ago');
  expect(f.percent(null)).toBe('–');
});
