import { expect, test } from 'vitest';
import { LivePoints } from './live.ts';

const point = (step: number) => [step, 1, 0, 1, 0];
const steps = (live: LivePoints, run: number, nowMs = 0) => live.of(run, nowMs)?.points.map(([step]) => step);

test('points of a run add up, and those trained again replace what they stand for', () => {
  const live = new LivePoints();
  live.note(3, { step: 2, points: [point(1), point(2)] }, 0);
  live.note(3, { step: 4, points: [point(3), point(4)] }, 0);
  expect(steps(live, 3)).toEqual([1, 2, 3, 4]);
  live.note(3, { step: 3, points: [point(3)] }, 0);
  expect(steps(live, 3)).toEqual([1, 2, 3]);
  expect(live.of(3, 0)?.step).toBe(3);
});

test('runs nobody speaks of any more are not shown, and finished ones are forgotten', () => {
  const live = new LivePoints();
  live.note(1, { step: 1, points: [point(1)] }, 0);
  expect([live.of(1, 119_999)?.step, live.of(1, 120_000)]).toEqual([1, null]);
  live.forget(1);
  expect(live.of(1, 0)).toBeNull();
});

test('it never grows beyond what is worth showing', () => {
  const live = new LivePoints();
  for (let run = 0; run < 600; run++) live.note(run, { step: 1, points: [point(1)] }, 0);
  expect([live.of(99, 0), live.of(100, 0)?.step]).toEqual([null, 1]);
  for (let step = 0; step < 1000; step++) live.note(599, { step, points: [point(step)] }, 0);
  expect(steps(live, 599)?.length).toBe(400);
  expect(steps(live, 599)?.at(-1)).toBe(999);
});
