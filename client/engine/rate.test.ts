import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { perSecond } from './rate.ts';

let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

test.each([
  ['of a microsecond each', 1e-3, 0],
  ['of 2 ms each after a round trip of 10 ms', 2, 10],
  ['of 60 ms each', 60, 5],
])('things %s are counted without what every call costs', async (_, eachMs, callMs) => {
  const rate = await perSecond((times) => {
    now += callMs + times * eachMs;
  });
  expect(rate).toBeCloseTo(1000 / eachMs, 3);
  expect(now).toBeLessThan(800);
});

test('what came in between makes a try slower, and does not count', async () => {
  let calls = 0;
  const rate = await perSecond((times) => {
    now += times + (++calls % 2 === 0 ? 0 : 40);
  });
  expect(rate).toBeGreaterThan(900);
});
