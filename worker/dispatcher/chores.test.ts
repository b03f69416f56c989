import { runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { givenSweep, Hand, type Result, whole } from '../../test/api/hand.ts';
import { inside, objectAt } from '../../test/api/inside.ts';

const MINUTE = 60_000;
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const logIsEmpty = (id: string) => inside(id, ({ tables }) => tables.logIsEmpty());
const alarm = (id: string) => runDurableObjectAlarm(objectAt(id));
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

test('a log that grows slowly is folded once a minute, and at once when the sweep is over', async () => {
  const { id } = await givenSweep('slowly');
  const hand = new Hand(1);
  const lease = await hand.lease(id);
  const deliver = (run: number): Promise<object> => hand.deliver(id, whole(lease, run));
  await deliver(0);
  await alarm(id);
  expect(await logIsEmpty(id)).toBe(true);
  await deliver(1);
  pass(30_000);
  await alarm(id);
  expect(await logIsEmpty(id)).toBe(false);
  expect(await inside(id, (_object, storage) => storage.getAlarm())).toBe(Date.now() + MINUTE / 2);
  pass(30_000);
  await alarm(id);
  expect(await logIsEmpty(id)).toBe(true);
  for (let run = 2; run < 8; run++) await deliver(run);
  await alarm(id);
  expect(await logIsEmpty(id)).toBe(true);
});

test('a log that grows quickly is folded as soon as it is worth a fold', async () => {
  const { id } = await givenSweep('quickly', {
    parameters: { seed: { values: Array.from({ length: 1000 }, (_, i) => i) } },
  });
  let hands = 0;
  const deliver = async () => {
    const hand = new Hand(++hands);
    const { unit, runs } = await hand.lease(id);
    await hand.deliver(id, ...runs.map(({ run }): Result => whole({ unit }, run)));
  };
  await deliver();
  await alarm(id);
  await deliver();
  await alarm(id);
  expect(await logIsEmpty(id)).toBe(false);
  while ((await inside(id, ({ opened }) => opened.chores.unfoldedBytes)) < 1024 * 1024) await deliver();
  await alarm(id);
  expect(await logIsEmpty(id)).toBe(true);
});
