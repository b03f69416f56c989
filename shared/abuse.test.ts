import { expect, test } from 'vitest';
import { BareDesk, LEASE_MS, left, lost } from '../test/sim/bare-desk.ts';
import { missingRuns, type Unit } from './ledger.ts';
import { LIMITS } from './limits.ts';

/** Eight volunteers in turn give unit 0 up. */
function failed(desk: BareDesk): BareDesk {
  for (let i = 0; i < LIMITS.attemptsPerUnitMax; i++) {
    desk.lease(i, 4);
    desk.back(i, 0, lost);
  }
  return desk;
}

test('a researcher has what failed tried again, by everybody, without what is done', () => {
  const desk = new BareDesk(4);
  desk.lease(20, 4);
  desk.submit(20, 0, 2);
  desk.back(20, 0, left);
  failed(desk);
  expect(desk.ledger.failed.size).toBe(1);
  expect(desk.broken()).toBe(null);
  desk.retry();
  expect(desk.broken()).toBe(null);
  expect(desk.lease(0)?.unit).toBe(0);
  expect(missingRuns(desk.ledger.open.get(0) as Unit)).toEqual([0, 1, 3]);
  for (const run of [0, 1, 3]) expect(desk.submit(0, 0, run)).toBe('accepted');
  expect([desk.ledger.acceptedUnits, desk.ledger.failed.size]).toEqual([1, 0]);
  expect(desk.broken()).toBe(null);
  expect(desk.replayed(4)).toEqual(desk.ledger);
});

test('what was cancelled is not tried again', () => {
  const desk = failed(new BareDesk(4));
  desk.change('cancelled');
  desk.retry();
  expect(desk.ledger.failed.size).toBe(1);
});

test('the failed unit keeps the reasons of all who tried', () => {
  const desk = failed(new BareDesk(4));
  expect(desk.ledger.failed.get(0)?.attempts.map(({ reason }) => reason)).toEqual(
    Array.from({ length: LIMITS.attemptsPerUnitMax }, () => lost.reason),
  );
});

test('made-up devices of one volunteer hold a few units, not all', () => {
  const desk = new BareDesk(1000);
  for (let device = 0; device < 200; device++) desk.lease(1, 1, { device });
  expect(desk.ledger.index.held.size).toBe(LIMITS.leasesPerVolunteerMax);
  expect(desk.lease(2, 1, { device: 900 })).not.toBe(null);
  desk.back(0, 0, left);
  expect(desk.lease(1, 1, { device: 901 })).not.toBe(null);
  expect(desk.broken()).toBe(null);
});

test('a lease that brings no result is not prolonged for ever, whatever its heartbeats claim', () => {
  const desk = new BareDesk(4);
  desk.lease(1);
  let beats = 0;
  for (; desk.beat(1, 0, beats).leased; beats++) desk.nowMs += LEASE_MS / 2;
  expect(beats * (LEASE_MS / 2)).toBeGreaterThanOrEqual(LIMITS.leaseLatestMs);
  expect(beats * (LEASE_MS / 2)).toBeLessThan(LIMITS.leaseLatestMs + 2 * LEASE_MS);
});
