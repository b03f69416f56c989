// The loop as a whole, on a clock of its own: how much of the time it computes, when it rests, and who looks on.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TINY } from '../../test/configurations.ts';
import { fakeEngine } from '../../test/fake-engine.ts';
import { Control } from './control.ts';
import { Stamina } from './pace.ts';
import { Throttle } from './throttle.ts';
import { trainRuns } from './train.ts';

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'], now: 0 }),
);
afterEach(() => void vi.useRealTimers());

/** Lets so much time pass, in small pieces, and whatever the loop does in it. */
async function pass(ms: number): Promise<void> {
  for (let i = 0; i < ms / 10; i++) {
    await vi.advanceTimersByTimeAsync(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Training that has begun, on an engine whose steps take so long. */
function begun(control: Control, stepMs: number) {
  const shares: number[] = [];
  const it = { shares, step: 0, looks: 0 };
  const training = trainRuns({
    chosen: () => ({ engine: fakeEngine({ msPerChunk: (steps) => steps * stepMs }), replicas: 1 }),
    trainings: [{ config: { ...TINY, train: { ...TINY.train, steps: 1_000_000 } }, seed: 0 }],
    ...{ control, stamina: new Stamina() },
    throttle: new Throttle({ governor: control, onBusy: ({ share }) => shares.push(share) }),
    ...{ onGroup: () => {}, onPoints: () => {}, onMishap: () => {} },
    onStep: (step) => {
      it.step = step;
    },
    onLook: async () => void it.looks++,
  });
  return Object.assign(it, { over: training.next() });
}

test.each([0.1, 0.25, 0.5, 1])('at a duty cycle of %f so much of the time is computed', async (duty) => {
  const control = new Control();
  control.setRule({ duty, rest: null });
  const it = begun(control, 7);
  await pass(30_000);
  for (const share of it.shares.slice(-5)) expect(Math.abs(share - duty)).toBeLessThan(0.04);
  control.stop();
  await pass(1000);
  await it.over;
});

test('a change of the duty cycle counts within a second', async () => {
  const control = new Control();
  control.setRule({ duty: 0.1, rest: null });
  const it = begun(control, 7);
  await pass(10_000);
  const before = it.step;
  await pass(2000);
  const slow = it.step - before;
  control.setRule({ duty: 1, rest: null });
  await pass(500);
  const from = it.step;
  await pass(2000);
  expect(it.step - from).toBeGreaterThan(5 * slow);
  control.stop();
  await pass(1000);
  await it.over;
});

test('while it rests nothing is computed, and that counts for nothing; then it goes on by itself', async () => {
  const control = new Control();
  const it = begun(control, 7);
  await pass(5000);
  control.setRule({ duty: 1, rest: { why: 'hidden' } });
  await pass(500);
  const { step } = it;
  await pass(60_000);
  expect(it.step).toBe(step);
  control.setRule({ duty: 1, rest: null });
  await pass(3000);
  expect(it.step).toBeGreaterThan(step);
  expect(it.shares.at(-1)).toBeGreaterThan(0.97);
  control.stop();
  await pass(1000);
  await it.over;
});

test('the runs in hand are looked at about once a second while somebody wants to see them', async () => {
  const control = new Control();
  const it = begun(control, 7);
  await pass(5000);
  expect(it.looks).toBe(0);
  control.isShown = true;
  await pass(5000);
  expect(it.looks).toBeGreaterThanOrEqual(4);
  expect(it.looks).toBeLessThanOrEqual(6);
  control.stop();
  await pass(1000);
  await it.over;
});
