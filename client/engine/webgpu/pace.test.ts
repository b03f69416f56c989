import { expect, test, vi } from 'vitest';
import { Pace } from './pace.ts';

/** Submits until the size settles, on a device that takes `msPerStep`. */
async function settledSize(msPerStep: number, targetMs: number): Promise<number> {
  vi.useFakeTimers();
  const pace = new Pace(targetMs);
  let free = performance.now();
  for (let i = 0; i < 30; i++) {
    free = Math.max(free, performance.now()) + pace.size * msPerStep;
    const done = new Promise((resolve) => setTimeout(resolve, free - performance.now()));
    const submitted = pace.submitted(done, pace.size);
    await vi.advanceTimersByTimeAsync(1000);
    await submitted;
  }
  vi.useRealTimers();
  return pace.size;
}

test('submissions grow to the time they should take', async () => {
  expect(await settledSize(1, 50)).toBe(50);
  expect(await settledSize(2, 50)).toBe(25);
  expect(await settledSize(1, 25)).toBe(25);
});

test('a slow step is submitted alone, and many fast ones are not too many', async () => {
  expect(await settledSize(400, 50)).toBe(1);
  expect(await settledSize(0.01, 50)).toBe(200);
});

test('a failure of the device is not swallowed', async () => {
  const pace = new Pace(50);
  await expect(
    pace.submitted(Promise.reject(new Error('gone')), 1).then(() => pace.settled()),
  ).rejects.toThrow('gone');
});
