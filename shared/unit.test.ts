import { describe, expect, test } from 'vitest';
import { BareDesk, LAST_STEP, LEASE_MS, left, lost } from '../test/sim/bare-desk.ts';
import { type FailedUnit, heldBy, missingRuns, segmentsOf, type Unit } from './ledger.ts';
import { LIMITS } from './limits.ts';
import { expire } from './unit.ts';

const open = (desk: BareDesk, unit: number) => desk.ledger.open.get(unit) as Unit;

describe('leases', () => {
  test('a device that asks again gets the lease it holds', () => {
    const desk = new BareDesk(10);
    const first = desk.lease(1);
    expect(desk.lease(1)).toMatchObject({ unit: first?.unit, first: 0, count: 4 });
    expect(desk.lease(2)).toMatchObject({ unit: 1, first: 4 });
    expect(desk.lease(1, 4, { device: 99 })).toMatchObject({ unit: 2, first: 8, count: 2 });
  });

  test('a unit has at least one run and none beyond the sweep', () => {
    const desk = new BareDesk(3);
    expect(desk.lease(1, 0)).toMatchObject({ first: 0, count: 1 });
    expect(desk.lease(2, 99)).toMatchObject({ first: 1, count: 2 });
    expect(desk.lease(3)).toBe(null);
  });

  test('what one volunteer leaves unfinished goes to another, without the runs that are done', () => {
    const desk = new BareDesk(4);
    desk.lease(1);
    desk.submit(1, 0, 2);
    desk.nowMs = LEASE_MS;
    expect(desk.lease(2)).toMatchObject({ unit: 0, first: 0, count: 4 });
    expect(missingRuns(open(desk, 0))).toEqual([0, 1, 3]);
  });

  test('a unit handed back goes to somebody who has not tried it first, then to whoever asks', () => {
    const desk = new BareDesk(8);
    desk.lease(1);
    desk.back(1, 0, left);
    expect(desk.lease(1)?.unit).toBe(1);
    expect(desk.lease(2)?.unit).toBe(0);
    desk.back(2, 0, left);
    desk.back(1, 1, left);
    expect(desk.lease(1)?.unit).toBe(0);
  });

  test('the unit given up first is handed out first', () => {
    const desk = new BareDesk(6);
    for (const volunteer of [1, 2, 3]) desk.lease(volunteer, 2);
    for (const volunteer of [2, 1, 3]) desk.back(volunteer, volunteer - 1, left);
    expect([4, 5, 6].map((volunteer) => desk.lease(volunteer)?.unit)).toEqual([1, 0, 2]);
  });

  test('a device speaks for its own lease only', () => {
    const desk = new BareDesk(4);
    desk.lease(1, 4, { device: 10 });
    desk.nowMs = LEASE_MS;
    desk.lease(1, 4, { device: 11 });
    expect(desk.beat(10, 0, 5)).toEqual({ leased: false, isProlonged: false });
    desk.back(10, 0, left);
    expect(heldBy(desk.ledger, 'd11')?.unit).toBe(0);
  });

  test('an old client gets no unit that somebody has already trained some steps of', () => {
    const desk = new BareDesk(4);
    desk.lease(1, 2);
    desk.submit(1, 0, 0, 0, 3);
    desk.back(1, 0, left);
    expect(desk.lease(2, 2, { continues: false })?.unit).toBe(1);
    expect(desk.lease(3, 2, { continues: false })).toBe(null);
    expect(desk.lease(3, 2)?.unit).toBe(0);
  });
});

describe('heartbeats', () => {
  test('a heartbeat in the first half of a lease says so and changes nothing', () => {
    const desk = new BareDesk(4);
    desk.lease(1);
    desk.nowMs = LEASE_MS / 2 - 1;
    expect(desk.beat(1, 0, 3)).toEqual({ leased: true, isProlonged: false });
    desk.nowMs = LEASE_MS / 2;
    expect(desk.beat(1, 0, 4)).toEqual({ leased: true, isProlonged: true });
    desk.nowMs = LEASE_MS;
    expect(desk.beat(1, 0, 4).leased).toBe(true);
  });

  test('a lease that ran out cannot be prolonged', () => {
    const desk = new BareDesk(4);
    desk.lease(1);
    desk.nowMs = LEASE_MS;
    expect(desk.beat(1, 0, 9)).toEqual({ leased: false, isProlonged: false });
    expect(heldBy(desk.ledger, 'd1')).toBe(null);
  });

  test('a lease without progress is prolonged for ten minutes and no longer', () => {
    const desk = new BareDesk(4);
    desk.lease(1);
    let isLeased = true;
    for (; isLeased && desk.nowMs < 2 * LIMITS.stallMs; desk.nowMs += LEASE_MS / 2)
      isLeased = desk.beat(1, 0, 7).leased;
    expect(desk.nowMs).toBeGreaterThan(LIMITS.stallMs);
    expect(desk.nowMs).toBeLessThan(LIMITS.stallMs + 4 * LEASE_MS);
  });

  test('a lease with progress, however slow, is kept', () => {
    const desk = new BareDesk(4);
    desk.lease(1);
    for (let i = 0; i < 20; i++) {
      for (let j = 0; j < 100; j++) {
        desk.nowMs += LEASE_MS / 2;
        expect(desk.beat(1, 0, i).leased).toBe(true);
      }
    }
  });

  test('asking for the lease again is no progress', () => {
    const desk = new BareDesk(4);
    desk.lease(1);
    for (; desk.nowMs < LIMITS.stallMs; desk.nowMs += LEASE_MS / 2) desk.lease(1);
    expect(desk.beat(1, 0, 0)).toEqual({ leased: true, isProlonged: false });
  });
});

describe('results', () => {
  test('finished work is never refused for being late', () => {
    const desk = new BareDesk(4);
    desk.lease(1);
    desk.nowMs = 1000;
    desk.lease(2);
    expect(desk.submit(1, 0, 0)).toBe('accepted');
    expect(desk.submit(2, 0, 0)).toBe('unneeded');
    expect(desk.submit(1, 0, 0)).toBe('accepted');
    expect(desk.ledger.contributions.get('v1')).toEqual({ runs: 1, credit: 101 });
  });

  test('a result without a lease, or for a run of another unit, is refused', () => {
    const desk = new BareDesk(8);
    desk.lease(1);
    expect(desk.submit(2, 0, 0)).toBe('no-such-lease');
    expect(desk.submit(1, 7, 0)).toBe('no-such-lease');
    expect(desk.submit(1, 0, 4)).toBe('run-not-in-unit');
    expect(desk.records).toEqual([]);
  });

  test('a run goes on where the last segment ended, whoever trains it', () => {
    const desk = new BareDesk(2);
    desk.lease(1, 2);
    expect(desk.submit(1, 0, 0, 0, 4)).toBe('accepted');
    desk.back(1, 0, left);
    desk.lease(2);
    expect(desk.submit(2, 0, 0, 0, 6)).toBe('unneeded');
    expect(desk.submit(2, 0, 0, 4, 7)).toBe('accepted');
    expect(desk.submit(1, 0, 0, 4, 9)).toBe('unneeded');
    expect(desk.submit(1, 0, 0, 7)).toBe('accepted');
    expect(desk.records[0]?.earlier.map(({ volunteerId, from, to }) => [volunteerId, from, to])).toEqual([
      ['v1', 0, 4],
      ['v2', 4, 7],
    ]);
    expect(desk.broken()).toBe(null);
  });

  test('repeating an earlier segment is acknowledged again, whatever came after it', () => {
    const desk = new BareDesk(2);
    desk.lease(1, 2);
    desk.submit(1, 0, 0, 0, 4);
    expect(desk.submit(1, 0, 0, 0, 4)).toBe('accepted');
    desk.submit(1, 0, 0, 4);
    expect(desk.submit(1, 0, 0, 0, 4)).toBe('accepted');
    expect(desk.submit(1, 0, 0, 4)).toBe('accepted');
    expect(desk.submit(2, 0, 0, 0, 4)).toBe('unneeded');
    expect(desk.ledger.contributions.get('v1')).toEqual({ runs: 1, credit: 101 });
  });

  test('segments of a failed unit are still acknowledged, and nothing more is taken', () => {
    const desk = new BareDesk(1);
    desk.lease(0, 1);
    desk.submit(0, 0, 0, 0, 4);
    for (let i = 0; i < LIMITS.attemptsPerUnitMax; i++) {
      desk.lease(i);
      desk.back(i, 0, lost);
    }
    expect(desk.ledger.failed.has(0)).toBe(true);
    expect(desk.submit(0, 0, 0, 0, 4)).toBe('accepted');
    expect(desk.submit(1, 0, 0, 4)).toBe('unneeded');
    expect(desk.broken()).toBe(null);
  });
});

describe('giving up', () => {
  test('a unit that gets nowhere fails with its reason; one that gets on does not', () => {
    const stuck = new BareDesk(4);
    for (let i = 0; i < LIMITS.attemptsPerUnitMax; i++) {
      stuck.lease(i);
      stuck.back(i, 0, lost);
    }
    expect(stuck.ledger.failed.get(0)).toMatchObject({
      ...{ first: 0, count: 4, reason: 'device lost', isCancelled: false },
    });
    expect(stuck.lease(99)).toBe(null);
    expect(stuck.submit(1, 0, 0)).toBe('unneeded');
    expect(stuck.broken()).toBe(null);

    const moving = new BareDesk(20);
    for (let i = 0; i < 19; i++) {
      moving.lease(i, 20);
      moving.submit(i, 0, i, 0, i % 2 ? LAST_STEP : 5);
      moving.back(i, 0, lost);
    }
    expect(moving.ledger.failed.size).toBe(0);
  });

  test('one person who comes and goes never fails a unit', () => {
    const desk = new BareDesk(4);
    for (let i = 0; i < 30; i++) {
      expect(desk.lease(1)?.unit).toBe(0);
      if (i % 2) desk.nowMs += 1000;
      else desk.back(1, 0, left);
    }
    expect(desk.ledger.failed.size).toBe(0);
  });

  test('volunteers who hand a unit back of their own will never fail it', () => {
    const desk = new BareDesk(4);
    for (let i = 0; i < 3 * LIMITS.attemptsPerUnitMax; i++) {
      expect(desk.lease(i)?.unit).toBe(0);
      desk.back(i, 0, left);
    }
    expect(desk.ledger.failed.size).toBe(0);
  });

  test('a unit that keeps going wrong in one pair of hands waits for another', () => {
    const desk = new BareDesk(4);
    for (let i = 0; i < LIMITS.faultsPerAttemptMax; i++) {
      expect(desk.lease(1)?.unit).toBe(0);
      desk.back(1, 0, lost);
    }
    expect(desk.lease(1)).toBe(null);
    expect(desk.lease(2)?.unit).toBe(0);
    desk.submit(2, 0, 0);
    desk.back(2, 0, left);
    // Somebody got on with it, so it may have been the device.
    expect(desk.lease(1)?.unit).toBe(0);
  });

  test('the end of one lease does not hide that others run out', () => {
    const desk = new BareDesk(3);
    desk.lease(1, 1);
    desk.nowMs = 50;
    desk.lease(2, 1);
    desk.nowMs = 100;
    expect(expire(desk.ledger, desk.nowMs)).toHaveLength(1);
    desk.expire();
    desk.expire();
    desk.nowMs = 149;
    desk.expire();
    expect(heldBy(desk.ledger, 'd2')?.unit).toBe(1);
    desk.nowMs = 150;
    desk.expire();
    expect(heldBy(desk.ledger, 'd2')).toBe(null);
  });
});

describe('pausing, cancelling and growing', () => {
  test('a paused sweep hands out nothing, keeps leases, and takes results', () => {
    const desk = new BareDesk(8);
    desk.lease(1);
    desk.change('paused');
    expect(desk.lease(2)).toBe(null);
    expect(desk.lease(1)?.unit).toBe(0);
    expect(desk.submit(1, 0, 0)).toBe('accepted');
    desk.change('running');
    expect(desk.lease(2)?.unit).toBe(1);
  });

  test('cancelling is final, ends what nobody works on, and lets the others finish', () => {
    const desk = new BareDesk(8);
    desk.lease(1);
    desk.lease(2);
    desk.submit(2, 1, 4, 0, 5);
    desk.back(2, 1, left);
    desk.change('cancelled');
    desk.change('running');
    expect(desk.ledger.mode).toBe('cancelled');
    const failed = desk.ledger.failed.get(1) as FailedUnit;
    expect(failed.isCancelled).toBe(true);
    expect(segmentsOf(failed)).toHaveLength(1);
    for (const run of [0, 1, 2, 3]) expect(desk.submit(1, 0, run)).toBe('accepted');
    expect(desk.ledger.open.size).toBe(0);
    expect(desk.broken()).toBe(null);
  });

  test('a lease that ends in a cancelled sweep takes its unit with it', () => {
    const desk = new BareDesk(4);
    desk.lease(1);
    desk.change('cancelled');
    desk.back(1, 0, left);
    expect(desk.ledger.open.size).toBe(0);
    expect(desk.ledger.failed.get(0)?.isCancelled).toBe(true);
  });

  test('runs that are added later are handed out after the others', () => {
    const desk = new BareDesk(4);
    desk.lease(1);
    expect(desk.lease(2)).toBe(null);
    desk.write([{ type: 'grown', runs: 11 }]);
    expect(desk.lease(2)).toMatchObject({ unit: 1, first: 4, count: 4 });
    expect(desk.broken()).toBe(null);
  });
});
