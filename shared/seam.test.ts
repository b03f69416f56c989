import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isExact, isSeamless, segmentCredit, segmentStepsMin } from './seam.ts';

const end = [1.5, 0.25, 2.5, 0.5];
const moved = (by: number, at: number) => end.map((value, i) => (i === at ? value + by : value));
const bits = fc.float({ noNaN: true, noDefaultInfinity: true, min: 0 });
const evaluation = fc.tuple(bits, bits, bits, bits);

test('engines that promise the same bits are held to them', () => {
  expect(isSeamless(end, [...end], true)).toBe(true);
  for (const at of [0, 1, 2, 3]) expect(isSeamless(end, moved(1e-6, at), true)).toBe(false);
});

test('what travelled as a double is compared as the float32 it was', () => {
  expect(isSeamless([0.1, 0, 0, 0], [Math.fround(0.1), 0, 0, 0], true)).toBe(true);
});

test('other engines may differ by a thousandth of the loss and by a few rows', () => {
  expect(isSeamless(end, moved(0.0014, 0), false)).toBe(true);
  expect(isSeamless(end, moved(0.0016, 0), false)).toBe(false);
  expect(isSeamless(end, moved(-0.0026, 2), false)).toBe(false);
  expect(isSeamless(end, moved(0.019, 1), false)).toBe(true);
  expect(isSeamless(end, moved(0.021, 3), false)).toBe(false);
});

test('numbers that are missing or no numbers fit nothing', () => {
  for (const exact of [true, false]) {
    expect(isSeamless(end, [], exact)).toBe(false);
    expect(isSeamless(end, end.slice(0, 3), exact)).toBe(false);
    expect(isSeamless(end, moved(Number.NaN, 1), exact)).toBe(false);
  }
});

test('whatever is exactly the same is seamless', () => {
  const same = fc.property(evaluation, fc.boolean(), (one, exact) => isSeamless(one, [...one], exact));
  fc.assert(same, { numRuns: 1000 });
});

test('only the wasm engine of one version gives the same bits', () => {
  expect(isExact('wasm 1', 'wasm 1')).toBe(true);
  expect(isExact('wasm 1', 'wasm 2')).toBe(false);
  expect(isExact('webgpu 1', 'webgpu 1')).toBe(false);
  expect(isExact('wasmer 1', 'wasmer 1')).toBe(false);
});

test('the shares of a run add up to its credit, however it is cut', () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { maxLength: 20 });
  const exact = fc.property(fc.integer({ min: 1, max: 1_000_000 }), cuts, (credit, at) => {
    const steps = [0, ...at.sort((a, b) => a - b), 1000];
    const shares = steps.slice(1).map((to, i) => segmentCredit(credit, 1000, steps[i] as number, to));
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(credit);
  });
  fc.assert(exact, { numRuns: 1000 });
});

test('segments of the shortest length are no more than allowed', () => {
  const few = fc.property(
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.integer({ min: 1, max: 400 }),
    (last, most) => {
      expect(Math.ceil(last / segmentStepsMin(last, most))).toBeLessThanOrEqual(most);
    },
  );
  fc.assert(few, { numRuns: 1000 });
  expect(segmentStepsMin(12, 400)).toBe(1);
});
