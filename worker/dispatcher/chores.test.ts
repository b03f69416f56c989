import { runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LIMITS } from '../../shared/limits.ts';
import { givenSweep, Hand, type Result, SLOW, WHOLE, whole } from '../../test/api/hand.ts';
import { breakBinding, inside, mend, objectAt } from '../../test/api/inside.ts';

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

test('a log that could not be folded is as long as before', async () => {
  const { id } = await givenSweep('not-folded');
  const hand = new Hand(1);
  await hand.deliver(id, whole(await hand.lease(id), 0));
  await breakBinding(id, 'BLOBS');
  const bytes = () => inside(id, ({ opened }) => opened.chores.unfoldedBytes);
  const before = await bytes();
  expect(before).toBeGreaterThan(0);
  await inside(id, ({ opened }) => expect(opened.chores.fold(Date.now())).rejects.toThrow('BLOBS is down'));
  expect(await bytes()).toBe(before);
  await mend(id);
  await inside(id, ({ opened }) => opened.chores.fold(Date.now()));
  expect([await bytes(), await logIsEmpty(id)]).toEqual([0, true]);
});

test('an alarm that never rang is set anew', async () => {
  const { id } = await givenSweep('silent-alarm');
  const hand = new Hand(1);
  const lease = await hand.lease(id);
  const alarmOf = () => inside(id, (_object, storage) => storage.getAlarm());
  const first = await alarmOf();
  await inside(id, (_object, storage) => storage.deleteAlarm());
  await hand.deliver(id, whole(lease, 0));
  expect([first === null, await alarmOf()]).toEqual([false, null]);
  pass(3 * MINUTE);
  await hand.deliver(id, whole(lease, 1));
  expect(await alarmOf()).toBeGreaterThanOrEqual(Date.now());
});

test('exchanges that are over count no more among those that wait', async () => {
  const { id } = await givenSweep('waiting');
  const hand = new Hand(1);
  const waiting = () => inside(id, (object) => (object as unknown as { waiting: number }).waiting);
  await Promise.all(Array.from({ length: 20 }, () => hand.exchange(id, [], WHOLE)));
  expect(await waiting()).toBe(0);
  await inside(id, (object) => {
    (object as unknown as { waiting: number }).waiting = LIMITS.exchangesWaitingMax - 1;
  });
  for (let i = 0; i < 3; i++) expect((await hand.exchange(id, [], WHOLE)).lease).not.toBeNull();
});

test('a device that claims a thousand times its speed gets no more than one that cannot prove any', async () => {
  const long = {
    task: { p: 31, trainFraction: 0.5 },
    model: { embedding: 64, hidden: 128 },
    train: { steps: 20_000 },
  };
  const { id } = await givenSweep('boastful', { ...long, parameters: { seed: { min: 0, max: 99 } } });
  const leased = async (device: number, flopsPerSecond: number) => {
    const { runs, segmentSteps } = await new Hand(1, device).lease(id, { ...SLOW, flopsPerSecond });
    return [runs.length, segmentSteps];
  };
  const modest = await leased(1, LIMITS.unprovenFlopsPerSecond);
  expect(await leased(2, 1000 * LIMITS.unprovenFlopsPerSecond)).toEqual(modest);
  expect(await leased(3, LIMITS.unprovenFlopsPerSecond / 10)).not.toEqual(modest);
});
