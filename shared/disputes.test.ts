import { describe, expect, test } from 'vitest';
import { BareDesk, disputed, left } from '../test/sim/bare-desk.ts';
import { LIMITS } from './limits.ts';

describe('disputed checkpoints', () => {
  /** Volunteer 1 left run 0 at step 4. */
  const handedOver = () => {
    const desk = new BareDesk(1);
    desk.lease(1, 1);
    desk.submit(1, 0, 0, 0, 4);
    desk.back(1, 0, left);
    return desk;
  };

  test('one volunteer who disputes proves nothing; a second one does', () => {
    const desk = handedOver();
    desk.lease(2);
    desk.back(2, 0, disputed(0));
    expect(desk.stepOf(0, 0)).toBe(4);
    desk.lease(3);
    desk.back(3, 0, disputed(0));
    expect(desk.stepOf(0, 0)).toBe(0);
    expect(desk.lease(4)?.unit).toBe(0);
  });

  test('one volunteer who disputes twice is still one', () => {
    const desk = handedOver();
    for (let i = 0; i < 2; i++) {
      desk.lease(2);
      desk.back(2, 0, disputed(0));
    }
    expect(desk.stepOf(0, 0)).toBe(4);
  });

  test('what the server saw for itself needs no second volunteer', () => {
    const desk = handedOver();
    desk.lease(2);
    desk.back(2, 0, { ...disputed(0), proven: true });
    expect(desk.stepOf(0, 0)).toBe(0);
  });

  test('work done before a run began anew keeps its credit and its acknowledgement', () => {
    const desk = handedOver();
    desk.lease(2);
    desk.back(2, 0, { ...disputed(0), proven: true });
    desk.lease(3);
    expect(desk.submit(3, 0, 0, 4, 8)).toBe('unneeded');
    expect(desk.submit(3, 0, 0, 0, 5)).toBe('accepted');
    expect(desk.submit(1, 0, 0, 0, 4)).toBe('accepted');
    expect(desk.submit(3, 0, 0, 5)).toBe('accepted');
    expect(desk.records[0]?.earlier).toHaveLength(2);
    expect(desk.broken()).toBe(null);
  });

  test('a run that must begin anew too often fails with its unit', () => {
    const desk = handedOver();
    for (let i = 0; i <= LIMITS.rewindsPerRunMax; i++) {
      expect(desk.ledger.failed.size).toBe(0);
      desk.lease(2);
      desk.back(2, 0, { ...disputed(0), proven: true });
      desk.lease(1);
      desk.submit(1, 0, 0, 0, 4);
      desk.back(1, 0, left);
    }
    expect(desk.ledger.failed.get(0)?.reason).toBe('does not fit');
    expect(desk.broken()).toBe(null);
  });

  test('disputes about different runs of a unit do not add up', () => {
    const desk = new BareDesk(2);
    desk.lease(1, 2);
    for (const run of [0, 1]) desk.submit(1, 0, run, 0, 4);
    desk.back(1, 0, left);
    for (const [volunteer, run] of [
      [2, 0],
      [3, 1],
    ] as const) {
      desk.lease(volunteer);
      desk.back(volunteer, 0, disputed(run));
    }
    expect([desk.stepOf(0, 0), desk.stepOf(0, 1)]).toEqual([4, 4]);
    desk.lease(4);
    desk.back(4, 0, disputed(0));
    expect([desk.stepOf(0, 0), desk.stepOf(0, 1)]).toEqual([0, 4]);
  });

  test('a run that nobody has begun cannot be disputed', () => {
    const desk = new BareDesk(2);
    desk.lease(1, 2);
    desk.back(1, 0, { ...disputed(1), proven: true });
    expect(desk.lease(2)?.unit).toBe(0);
    expect(desk.broken()).toBe(null);
  });

  test('a dispute in a cancelled sweep ends the unit instead of beginning anew', () => {
    const desk = handedOver();
    desk.lease(2);
    desk.change('cancelled');
    desk.back(2, 0, { ...disputed(0), proven: true });
    expect(desk.ledger.open.size).toBe(0);
    expect(desk.broken()).toBe(null);
  });
});
