import { expect, test } from 'vitest';
import type { Engine, Peaks } from '../../shared/engine/engine.ts';
import { withProgrammes } from '../../shared/engine/programme/engine.ts';
import { readSweep, runAt } from '../../shared/spec/sweep.ts';
import { fakeEngine } from '../../test/fake-engine.ts';
import { measuredRoof } from './roof.ts';
import { ceilingOf, type Roof, shareOf } from './roofline.ts';

const roof: Roof = { flopsPerSecond: 100e9, bytesPerSecond: 50e9, flopsPerStep: 4e6, bytesPerStep: 1e6 };

test('the ceiling is the arithmetic where memory delivers enough for it, and the memory where it does not', () => {
  expect(ceilingOf(roof)).toEqual({ flopsPerSecond: 100e9, bound: 'compute' });
  expect(ceilingOf({ ...roof, bytesPerStep: 4e6 })).toEqual({ flopsPerSecond: 50e9, bound: 'memory' });
});

test('the share is what was reached of the ceiling', () => {
  expect(shareOf(roof, 0.04)).toBeCloseTo(1);
  expect(shareOf(roof, 0.16)).toBeCloseTo(0.25);
  expect(shareOf({ ...roof, bytesPerStep: 4e6 }, 0.16)).toBeCloseTo(0.5);
});

function config() {
  const read = readSweep({
    ...{ name: 'roof', title: 'Roof', task: { p: 7, trainFraction: 0.5 } },
    ...{ model: { embedding: 4, hidden: 4 }, optimizer: { lr: 0.01 }, train: { steps: 40 } },
    parameters: { seed: { values: [0] } },
  });
  if (!read.ok) throw new Error('the spec is broken');
  return runAt(read.value, 0).config;
}

const peaks: Peaks = { flopsPerSecond: 1e9, bytesPerSecond: 2e9 };
const withPeaks = (measure: (bytes: number) => Promise<Peaks>): Engine => ({
  ...fakeEngine(),
  peaks: measure,
});

test('a device is measured with what all runs keep, and a step with what it must at least read and write', async () => {
  const asked: number[] = [];
  const engine = withPeaks(async (bytes) => {
    asked.push(bytes);
    return peaks;
  });
  const few = await measuredRoof(withProgrammes(engine), config(), 1);
  await measuredRoof(engine, config(), 4000);
  await measuredRoof(engine, config(), 1e9);
  expect(few).toMatchObject(peaks);
  expect(few?.flopsPerStep).toBeGreaterThan(0);
  // Three numbers a weight, 100 weights, written and read; and the batch, read once.
  const weights = 7 * 4 + 4 * 4 + 4 * 4 + 4 * 7;
  expect(few?.bytesPerStep).toBeGreaterThan(2 * 12 * weights);
  expect(few?.bytesPerStep).toBeLessThan(3 * 12 * weights + 12 * 49);
  expect(asked[0]).toBe(2 ** 16);
  expect(asked[1]).toBeGreaterThan(4000 * 12 * weights * 0.9);
  expect(asked[2]).toBe(2 ** 26);
});

test('an engine that cannot tell, or fails at it, has no roof', async () => {
  expect(await measuredRoof(fakeEngine(), config(), 1)).toBeNull();
  const failing = withPeaks(() => Promise.reject(new Error('no')));
  expect(await measuredRoof(failing, config(), 1)).toBeNull();
});
