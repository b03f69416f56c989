import { setImmediate as soon } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { closedLoop, quantile } from './scheduler-load.ts';

const window = { warmUpMs: 30, measuredMs: 60 };

test('everyone asks again as soon as it is answered, one question at a time', async () => {
  const asking = new Map<string, number>();
  const act = async (one: string) => {
    const before = asking.get(one) ?? 0;
    expect(before).toBe(0);
    asking.set(one, 1);
    await soon();
    asking.set(one, 0);
  };
  const round = await closedLoop(['a', 'b'], act, window, { cpuMs: () => 0 });
  expect(round.failures).toEqual([]);
  expect(round.done).toBeGreaterThan(2);
  expect(round.latenciesMs).toHaveLength(round.done);
  expect([...round.latenciesMs]).toEqual([...round.latenciesMs].sort((a, b) => a - b));
});

test('what the server spends before and after the window does not count', async () => {
  let calls = 0;
  const readings = [500, 530];
  const round = await closedLoop(['a'], () => soon(), window, {
    cpuMs: () => readings[calls++] as number,
  });
  expect(round.serverCpuMs).toBe(30);
  expect(calls).toBe(2);
});

test('a failure is counted, is no answer, and does not end the loop', async () => {
  let turns = 0;
  const act = async () => {
    turns++;
    throw new Error('no unit was to be had');
  };
  const round = await closedLoop(['a'], act, window, { cpuMs: () => 0 });
  expect(round.done).toBe(0);
  expect(turns).toBeGreaterThan(1);
  expect(round.failures).toEqual(Array(turns).fill('no unit was to be had'));
});

test('a quantile is one of the values', () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  expect(quantile(values, 0.5)).toBe(5);
  expect(quantile(values, 0.99)).toBe(10);
  expect(quantile(values, 0)).toBe(1);
  expect(quantile([], 0.5)).toBeNaN();
});
