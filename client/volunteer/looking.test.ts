import { expect, test } from 'vitest';
import type { Session } from '../../shared/engine/engine.ts';
import { Looking } from './looking.ts';

const session = {} as Session;

/** Looks that take so long, whenever they are due within ten seconds of a clock that is asked every 10 ms. */
async function looks(tookMs: number, { isShown = true, fails = false } = {}) {
  let now = 0;
  const at: number[] = [];
  const look = async () => {
    at.push(now);
    now += tookMs;
    if (fails) throw new Error('the device was lost');
  };
  const looking = new Looking({ isShown }, look, () => now);
  for (; now < 10_000; now += 10) if (looking.isDue) await looking.at(session, []);
  return at;
}

test('who wants to see looks at once, and then once a second', async () => {
  expect((await looks(2)).length).toBeLessThanOrEqual(10);
  expect((await looks(2)).length).toBeGreaterThanOrEqual(9);
  expect((await looks(2))[0]).toBe(0);
});

test('looks that take long are seldom: 3 % of the time at most', async () => {
  const at = await looks(90);
  expect(at).toHaveLength(4);
  for (let i = 1; i < at.length; i++)
    expect((at[i] as number) - (at[i - 1] as number)).toBeGreaterThanOrEqual(3000);
});

test('nobody looks where nobody wants to, and not again at what cannot be seen', async () => {
  expect(await looks(2, { isShown: false })).toEqual([]);
  expect(await looks(2, { fails: true })).toEqual([0]);
});
