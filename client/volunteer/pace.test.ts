import { afterEach, expect, test, vi } from 'vitest';
import { Pace, Stamina } from './pace.ts';

afterEach(() => void vi.restoreAllMocks());

const MINUTE = 60_000;

test('a device that was lost twice in half an hour is given half as much, and is given up after a third time', () => {
  const stamina = new Stamina();
  const whole = stamina.chunkMs;
  stamina.lost(8, 'unplugged', 0);
  expect([stamina.chunkMs, stamina.replicasMax]).toEqual([whole, Number.POSITIVE_INFINITY]);
  stamina.lost(8, 'unplugged', MINUTE);
  expect([stamina.chunkMs, stamina.replicasMax]).toEqual([whole / 2, 4]);
  expect(() => stamina.lost(4, 'unplugged', 2 * MINUTE)).toThrow('unplugged (3 times by now)');
});

test('a laptop that sleeps every night keeps its device, and its pace', () => {
  const stamina = new Stamina();
  const whole = stamina.chunkMs;
  for (let night = 0; night < 10; night++) stamina.lost(8, 'asleep', night * 24 * 60 * MINUTE);
  expect([stamina.chunkMs, stamina.replicasMax]).toEqual([whole, Number.POSITIVE_INFINITY]);
});

test('a chunk in which the machine slept does not count as long, and makes the next one no shorter', async () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const pace = new Pace(150);
  const chunk = (steps: number, ms: number) =>
    pace.time(steps, async () => {
      now += ms;
    });
  for (const steps of [10, 20, 40]) await chunk(steps, 2 * steps);
  const { elapsedMs, chunk: next } = pace;
  await chunk(50, 8 * 3_600_000);
  expect(pace.elapsedMs).toBeCloseTo(elapsedMs + 100);
  expect(pace.chunk).toBeGreaterThanOrEqual(next);
});
