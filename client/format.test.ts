import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aggregateCell } from '../shared/measures/aggregate.ts';
import type { Milestones } from '../shared/measures/milestones.ts';
import type { RunSummary } from '../shared/protocol.ts';
import * as f from './format.ts';
import { speak, translated } from './words/index.ts';

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

test('an engine is told with its device, its speed, and why it was not another', () => {
  const trial = (name: string, msPerStep: number, replicas: number) => ({
    ...{ name, device: 'it', problem: null },
    rates: [
      { replicas: 1, msPerStep: 9 },
      { replicas, msPerStep },
    ],
  });
  const missing = { name: 'webgpu', device: null, rates: [], problem: 'this browser has none' };
  const choice = {
    ...{
      engine: 'webgpu',
      version: '1',
      device: 'Apple M2',
      replicas: 16,
      msPerStep: 0.8,
      flopsPerSecond: 1,
    },
    ...{
      trials: [trial('wasm', 1.1, 2), trial('webgpu', 0.8, 16)],
      measuredAtMs: 0,
      release: '1',
      machine: '',
    },
  };
  expect(f.choiceWords(choice)).toBe(
    'WebGPU on Apple M2: 0.8 ms per step and run, 16 runs at once; wasm would take 1.1 ms',
  );
  expect(
    f.choiceWords({ ...choice, engine: 'wasm', device: 'processor', replicas: 1, trials: [missing] }),
  ).toBe('wasm on processor: 0.8 ms per step and run. WebGPU is not used: this browser has none');
  expect(f.trialWords(missing)).toBe('WebGPU: this browser has none');
  expect(f.trialWords(trial('wasm', 1.1, 2))).toBe('wasm: 1.1 ms per step and run, 2 runs at once');
});

test('runs trained together are told by cell and seeds', () => {
  const runs = (label: string, ...seeds: number[]) => seeds.map((seed) => ({ label, seed }));
  expect(f.groupWords(runs('decay 1', 3))).toBe('decay 1, seed 3');
  expect(f.groupWords([...runs('decay 1', 0, 1, 2), ...runs('decay 2', 0, 4)])).toBe(
    'decay 1, seeds 0 to 2; decay 2, seeds 0, 4',
  );
  const many = Array.from({ length: 64 }, (_, i) => ({ label: `decay ${i}`, seed: 0 }));
  expect(f.groupWords(many)).toBe('decay 0, seed 0; decay 1, seed 0; decay 2, seed 0; and 61 other cells');
});

test('a run that changed hands says how far it got, or in how many segments it was trained', () => {
  const run = (state: RunSummary['state'], step: number | null, segments: number) =>
    f.stateWords({ state, step, segments });
  expect(run('finished', 1500, 3)).toBe('finished in 3 segments');
  expect(run('finished', null, 1)).toBe('finished');
  expect(run('waiting', 0, 0)).toBe('waiting');
  expect(run('waiting', 12_500, 2)).toBe('waiting, handed over at step 12,500');
  expect(run('training', 3000, 1)).toBe('training, handed over at step 3000');
  expect(run('cancelled', 3000, 1)).toBe('cancelled, got to step 3000');
});

test('numbers in a row are told as ranges, and of many ranges the first', () => {
  expect(f.rangesWords([])).toBe('');
  expect(f.rangesWords([7])).toBe('7');
  expect(f.rangesWords([0, 1, 2, 5, 8, 9])).toBe('0 to 2, 5, 8 to 9');
  expect(f.rangesWords([0, 2, 4, 6, 8, 10, 12, 14])).toBe('0, 2, 4, 6, 8, 10 and 2 ranges more');
});

test('dates are British, with all twenty-four hours', () => {
  const atMs = new Date(2026, 10, 22, 15, 4, 9).getTime();
  expect(f.momentOf(atMs)).toBe('22 November 2026, 15:04');
  expect(f.timeOf(atMs)).toBe('15:04:09');
});

describe('in German', () => {
  beforeAll(() => speak('de'));
  afterAll(() => speak('en'));

  test('numbers are written as Germans write them', () => {
    expect(f.amount(12_500)).toBe('12.500');
    expect(f.amount(1500)).toBe('1500');
    expect(f.percent(0.9532)).toBe('95,3 %');
    expect(f.milliseconds(4.34)).toBe('4,3');
    expect(f.flops(3.14e12)).toBe('3,1 TFLOP');
    expect(f.share(7, 8)).toBe('7 von 8');
    expect(f.bytes(12)).toBe('12 Byte');
  });

  test('dates and spans of time are German', () => {
    const atMs = new Date(2026, 10, 22, 15, 4, 9).getTime();
    expect(f.dayOf(atMs)).toBe('22. November 2026');
    expect(f.momentOf(atMs)).toBe('22. November 2026, 15:04');
    expect(f.timeOf(atMs)).toBe('15:04:09');
    expect(f.ago(0, 7_300_000)).toBe('vor 2 Stunden');
    expect(f.ago(0, 30_000)).toBe('gerade eben');
    expect(f.ago(0, 86_400_000)).toBe('vor 1 Tag');
  });

  test('what was not reached is later, too', () => {
    expect(f.median(cell(1000, null, null), 'tGen')).toBe('> 1500');
    expect(f.range(aggregateCell([run(380), run(null, 3)], 1500))).toBe('380 bis nie');
    expect(f.milestone(run(null, 3), 'tGen', 1500)).toBe('divergiert bei 3');
    expect(f.runsWords(12_500)).toBe('12.500 Läufe');
    expect(f.groupWords([0, 1].map((seed) => ({ label: 'weight decay 1', seed })))).toBe(
      'weight decay 1, Seeds 0 bis 1',
    );
  });

  test('a page that is in English has English numbers', () => {
    translated(false);
    expect([f.amount(12_500), f.percent(0.9532), f.share(7, 8)]).toEqual(['12,500', '95.3 %', '7 of 8']);
    translated(true);
  });
});
