import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LIMITS } from '../../shared/limits.ts';
import type { SweepReply } from '../../shared/protocol.ts';
import { forget } from '../../worker/cache.ts';
import { dispatcher, FAST, get, newSweep, preferring, resultOf, runsOf, Volunteer } from './world.ts';

let id: string;
let volunteer: Volunteer;
let number = 0;

beforeEach(async () => {
  forget();
  vi.useFakeTimers({ toFake: ['Date'] });
  id = await newSweep(`leases-${number++}`);
  volunteer = await Volunteer.join();
});
afterEach(() => vi.useRealTimers());

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
const leased = async (who: Volunteer, unit: { sweepId: string; unit: number }) =>
  ((await (await who.say('heartbeat', unit)).json()) as { leased: boolean }).leased;

describe('a device', () => {
  test('that asks again gets the unit it holds', async () => {
    const first = await volunteer.lease(id);
    const { unit } = await volunteer.lease(id);
    expect(unit).toBe(first.unit);
    expect((await volunteer.another().lease(id)).unit).not.toBe(first.unit);
  });

  test('that is slow gets one run, and one that is fast gets as many as fit', async () => {
    expect(runsOf(await volunteer.lease(id, 0))).toEqual([0]);
    expect(runsOf(await volunteer.another().lease(id, FAST))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('keeps its unit as long as it gives signs of life', async () => {
    const lease = await volunteer.lease(id);
    expect(lease).toMatchObject({ leaseMs: LIMITS.leaseMs, heartbeatMs: LIMITS.heartbeatMs, sweepRuns: 8 });
    for (let i = 0; i < 3; i++) {
      later(LIMITS.leaseMs - 1);
      expect(await leased(volunteer, lease)).toBe(true);
    }
    later(LIMITS.leaseMs);
    expect(await leased(volunteer, lease)).toBe(false);
  });

  test('speaks for its own lease, not for that of another of the same volunteer', async () => {
    const lease = await volunteer.lease(id, FAST);
    later(LIMITS.leaseMs + 1);
    const other = volunteer.another();
    expect((await other.lease(id, FAST)).unit).toBe(lease.unit);
    expect(await leased(volunteer, lease)).toBe(false);
    await volunteer.say('hand-back', lease);
    expect(await leased(other, lease)).toBe(true);
  });

  test('whose results cannot be taken is not given the unit for ever', async () => {
    const broken = new Uint8Array([1, 2, 3]);
    for (let i = 0; i < LIMITS.faultsPerAttemptMax; i++) {
      const lease = await volunteer.lease(id, FAST);
      expect(lease.unit).toBe(0);
      const [verdict] = await volunteer.deliver(resultOf(lease, 0, broken));
      expect(verdict).toMatchObject({ verdict: 'refused', code: 'bad-result' });
      expect(await leased(volunteer, lease)).toBe(false);
    }
    const { lease } = await volunteer.exchange({
      wantsUnit: true,
      prefers: preferring(id),
      flopsPerSecond: FAST,
    });
    expect(lease?.sweepId).not.toBe(id);
    expect((await (await Volunteer.join()).lease(id)).unit).toBe(0);
  });

  test('that hands its unit back makes way for others at once', async () => {
    const lease = await volunteer.lease(id);
    expect(await (await volunteer.say('hand-back', lease)).json()).toEqual({
      ok: true,
    });
    expect(await (await volunteer.say('hand-back', lease)).json()).toEqual({
      ok: true,
    });
    expect((await (await Volunteer.join()).lease(id)).unit).toBe(lease.unit);
  });

  test('gets the rest of a unit that somebody left in the middle', async () => {
    const lease = await volunteer.lease(id, FAST);
    await volunteer.deliver(resultOf(lease, 0), resultOf(lease, 3));
    later(LIMITS.leaseMs);
    expect(runsOf(await (await Volunteer.join()).lease(id))).toEqual([1, 2, 4, 5, 6, 7]);
  });

  test('learns of a sweep that does not exist', async () => {
    for (const path of ['heartbeat', 'hand-back'] as const) {
      const reply = await volunteer.say(path, { sweepId: 'none-00000000', unit: 0 });
      expect([reply.status, await reply.json()]).toEqual([
        404,
        { error: { code: 'no-such-lease', message: expect.any(String) } },
      ]);
    }
  });
});

test('a device that has gone is no longer shown as training, though nobody asked for its unit', async () => {
  await volunteer.lease(id, FAST);
  const training = async () => {
    const { sweep, runs } = await get<SweepReply>(`/api/sweeps/${id}`);
    return [sweep.trainingRuns, runs.filter(({ state }) => state === 'training').length];
  };
  expect(await training()).toEqual([8, 8]);
  later(LIMITS.leaseMs);
  expect(await training()).toEqual([0, 0]);
});

test('a unit that fails everybody fails, and its runs are shown as failed', async () => {
  await volunteer.lease(id, FAST);
  for (let i = 1; i < LIMITS.attemptsPerUnitMax; i++) {
    later(LIMITS.leaseMs);
    expect((await (await Volunteer.join()).lease(id)).unit).toBe(0);
  }
  later(LIMITS.leaseMs);
  await volunteer.exchange({ wantsUnit: true, prefers: preferring(id) });
  const { sweep, runs } = await get<SweepReply>(`/api/sweeps/${id}`);
  expect([sweep.failedRuns, sweep.trainingRuns]).toEqual([8, 0]);
  expect(new Set(runs.map(({ state }) => state))).toEqual(new Set(['failed']));
});

describe('a device without a unit', () => {
  test('comes back soon while others train, and later when all is done', async () => {
    const other = await Volunteer.join();
    for (;;) {
      // Other tests of this file leave work behind.
      const { lease } = await other.another().exchange({ wantsUnit: true, flopsPerSecond: FAST });
      if (!lease) break;
    }
    const waiting = await volunteer.exchange({ wantsUnit: true });
    expect(waiting).toMatchObject({ lease: null, allDone: false });
    expect(waiting.askAgainMs).toBeGreaterThanOrEqual(2000);
    expect(waiting.askAgainMs).toBeLessThanOrEqual(5000);
    later(3_600_000);
    for (;;) {
      const { lease } = await other.exchange({ wantsUnit: true, flopsPerSecond: FAST });
      if (!lease) break;
      await other.deliver(...runsOf(lease).map((run) => resultOf(lease, run)));
    }
    const done = await volunteer.exchange({ wantsUnit: true });
    expect(done).toMatchObject({ lease: null, allDone: true });
    expect(done.askAgainMs).toBeGreaterThan(waiting.askAgainMs);
  });

  test('that only delivers is not told that all is done', async () => {
    expect(await volunteer.exchange({})).toMatchObject({ lease: null, allDone: false });
  });

  test('gets work of any open sweep unless it prefers one', async () => {
    const newer = await newSweep(`leases-${number++}`);
    forget();
    expect((await volunteer.exchange({ wantsUnit: true })).lease).not.toBeNull();
    expect((await volunteer.another().lease(newer)).sweepId).toBe(newer);
  });
});

test('a dispatcher of a sweep that does not exist knows nothing and stores nothing', async () => {
  const stub = dispatcher('none-00000000');
  const at = { sweepId: 'none-00000000', stripe: 0 };
  expect(await stub.open(at)).toBe(false);
  expect(await stub.status(at)).toBeNull();
});
