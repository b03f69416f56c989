import { expect, test } from 'vitest';
import { multiplyAdd, threadPeaks } from './peaks.ts';

test('the module multiplies and adds: every chain tends to 1, and ten of them and a half are left', async () => {
  const { instance } = await WebAssembly.instantiate(multiplyAdd());
  const turns = instance.exports.f as (turns: number) => number;
  // y = y / 2 + 1 / 2, ten times, from another number each.
  expect(turns(60)).toBeCloseTo(10.5, 4);
  expect(turns(1)).not.toBeCloseTo(10.5, 2);
});

test('a thread has peaks that a processor can have', async () => {
  const { flopsPerSecond, bytesPerSecond } = await threadPeaks(2 ** 16);
  for (const peak of [flopsPerSecond, bytesPerSecond]) {
    expect(peak).toBeGreaterThan(1e8);
    expect(peak).toBeLessThan(2e12);
  }
});
