import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LIMITS } from './limits.ts';
import { type AcceptedRun, brokenPromise } from './promises.ts';
import {
  apply,
  expire,
  extend,
  handBack,
  heldBy,
  type Ledger,
  type LedgerEvent,
  lease,
  missingRuns,
  newLedger,
  submit,
} from './unit.ts';

const left = { ending: 'handed-back', reason: 'tab closed' } as const;
const lost = { ending: 'fault', reason: 'device lost' } as const;

/** A ledger with everything a server would keep beside it, and what volunteers were told. */
class Desk {
  ledger: Ledger;
  log: LedgerEvent[] = [];
  records: AcceptedRun[] = [];
  acknowledged: AcceptedRun[] = [];
  outcomes = new Map<number, 'accepted' | 'failed'>();
  nowMs = 0;

  constructor(runs: number) {
    this.ledger = newLedger(runs);
  }

  write(events: LedgerEvent[]): void {
    for (const event of events) {
      apply(this.ledger, event);
      this.log.push(event);
    }
  }

  lease(volunteer: number, size = 4, device = volunteer) {
    this.write(expire(this.ledger, this.nowMs));
    const [volunteerId, deviceId] = [`v${volunteer}`, `d${device}`];
    const event = lease(this.ledger, {
      volunteerId,
      deviceId,
      nowMs: this.nowMs,
      leaseMs: 100,
      unitSize: () => size,
    });
    if (event) this.write([event]);
    return event;
  }

  submit(volunteer: number, unit: number, run: number) {
    const volunteerId = `v${volunteer}`;
    const from = (r: number) => this.records.find((record) => record.run === r)?.volunteerId ?? null;
    const submitted = submit(this.ledger, { unit, run, volunteerId, credit: 1 + (run % 3) }, from);
    this.write(submitted.events);
    const record = { run, unit, volunteerId, digest: `${run} by ${volunteer}`, credit: 1 + (run % 3) };
    if (submitted.events.length > 0) this.records.push(record);
    if (submitted.verdict === 'accepted') this.acknowledged.push(record);
    return submitted.verdict;
  }

  /** The first broken promise; also remembers the outcomes for the next look. */
  broken(): string | null {
    const { ledger, records, acknowledged, outcomes } = this;
    const found = brokenPromise({ ledger, records, acknowledged, outcomesBefore: outcomes });
    for (let unit = 0; unit < ledger.nextUnit; unit++) {
      if (!ledger.open.has(unit)) outcomes.set(unit, ledger.failed.has(unit) ? 'failed' : 'accepted');
    }
    return found;
  }
}

test('a device that asks again gets the lease it holds', () => {
  const desk = new Desk(10);
  const first = desk.lease(1);
  expect(desk.lease(1)).toMatchObject({ unit: first?.unit, first: 0, count: 4 });
  expect(desk.lease(2)).toMatchObject({ unit: 1, first: 4 });
  expect(desk.lease(1, 4, 99)).toMatchObject({ unit: 2, first: 8, count: 2 });
});

test('what one volunteer leaves unfinished goes to another, without the runs that are done', () => {
  const desk = new Desk(4);
  desk.lease(1);
  desk.submit(1, 0, 2);
  desk.nowMs = 100;
  const again = desk.lease(2);
  expect(again).toMatchObject({ unit: 0, first: 0, count: 4 });
  expect(missingRuns(desk.ledger.open.get(0) as never)).toEqual([0, 1, 3]);
});

test('finished work is never refused for being late', () => {
  const desk = new Desk(4);
  desk.lease(1);
  desk.nowMs = 1000;
  desk.lease(2);
  expect(desk.submit(1, 0, 0)).toBe('accepted');
  expect(desk.submit(2, 0, 0)).toBe('unneeded');
  expect(desk.submit(1, 0, 0)).toBe('accepted');
  expect(desk.ledger.contributions.get('v1')).toEqual({ runs: 1, credit: 1 });
});

test('a result without a lease, or for a run of another unit, is refused', () => {
  const desk = new Desk(8);
  desk.lease(1);
  expect(desk.submit(2, 0, 0)).toBe('refused');
  expect(desk.submit(1, 7, 0)).toBe('refused');
  expect(desk.submit(1, 0, 4)).toBe('refused');
  expect(desk.records).toEqual([]);
});

test('a heartbeat prolongs a live lease and nothing else', () => {
  const desk = new Desk(4);
  desk.lease(1);
  desk.write([extend(desk.ledger, 0, 'd1', 500) as LedgerEvent]);
  expect(extend(desk.ledger, 0, 'd2', 500)).toBe(null);
  desk.nowMs = 499;
  expect(expire(desk.ledger, desk.nowMs)).toEqual([]);
  desk.nowMs = 500;
  desk.write(expire(desk.ledger, desk.nowMs));
  expect(extend(desk.ledger, 0, 'd1', 900)).toBe(null);
  expect(heldBy(desk.ledger, 'd1')).toBe(null);
});

test('a unit handed back goes to somebody who has not tried it first, then to whoever asks', () => {
  const desk = new Desk(8);
  desk.lease(1);
  desk.write(handBack(desk.ledger, 0, 'd1', left));
  expect(desk.lease(1)?.unit).toBe(1);
  expect(desk.lease(2)?.unit).toBe(0);
  desk.write(handBack(desk.ledger, 0, 'd2', left));
  desk.write(handBack(desk.ledger, 1, 'd1', left));
  expect(desk.lease(1)?.unit).toBe(0);
});

test('a unit that gets nowhere fails with its reason; one that gets on does not', () => {
  const stuck = new Desk(4);
  for (let i = 0; i < LIMITS.attemptsPerUnitMax; i++) {
    stuck.lease(i);
    stuck.write(handBack(stuck.ledger, 0, `d${i}`, lost));
  }
  expect(stuck.ledger.failed.get(0)).toEqual({ first: 0, count: 4, reason: 'device lost' });
  expect(stuck.lease(99)).toBe(null);
  expect(stuck.submit(1, 0, 0)).toBe('unneeded');
  expect(stuck.broken()).toBe(null);

  const moving = new Desk(20);
  for (let i = 0; i < 19; i++) {
    moving.lease(i, 20);
    moving.submit(i, 0, i);
    moving.write(handBack(moving.ledger, 0, `d${i}`, lost));
  }
  expect(moving.ledger.failed.size).toBe(0);
});

type Move = {
  kind: 'lease' | 'submit' | 'foreign' | 'beat' | 'back' | 'wait';
  volunteer: number;
  pick: number;
};

const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.constantFrom('lease', 'submit', 'submit', 'foreign', 'beat', 'back', 'wait'),
  volunteer: fc.integer({ min: 0, max: 4 }),
  pick: fc.nat({ max: 1000 }),
});

/** What a volunteer, honest or not, may do next. */
function play(
  desk: Desk,
  held: Map<number, { unit: number; first: number; count: number }>,
  { kind, volunteer, pick }: Move,
): void {
  const own = held.get(volunteer);
  if (kind === 'lease') {
    const event = desk.lease(volunteer, 1 + (pick % 5));
    if (event) held.set(volunteer, event);
  } else if (kind === 'submit' && own) desk.submit(volunteer, own.unit, own.first + (pick % own.count));
  else if (kind === 'foreign') desk.submit(volunteer, pick % 7, pick % 23);
  else if (kind === 'beat' && own) {
    const event = extend(desk.ledger, own.unit, `d${volunteer}`, desk.nowMs + 100);
    if (event) desk.write([event]);
  } else if (kind === 'back' && own)
    desk.write(handBack(desk.ledger, own.unit, `d${volunteer}`, pick % 2 ? lost : left));
  else if (kind === 'wait') desk.nowMs += pick % 150;
}

test('whatever volunteers do, the promises hold, and the log alone gives the same ledger', () => {
  fc.assert(
    fc.property(fc.array(move, { minLength: 1, maxLength: 120 }), (moves) => {
      const desk = new Desk(17);
      const held = new Map<number, { unit: number; first: number; count: number }>();
      for (const m of moves) {
        play(desk, held, m);
        expect(desk.broken()).toBe(null);
      }
      const replayed = newLedger(17);
      for (const event of desk.log) apply(replayed, event);
      expect(replayed).toEqual(desk.ledger);
    }),
    { numRuns: 1000 },
  );
});

test('an honest volunteer who stays finishes every sweep, whatever the others did before', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const desk = new Desk(17);
      const held = new Map<number, { unit: number; first: number; count: number }>();
      for (const m of moves) play(desk, held, m);
      desk.nowMs += 1000;
      for (let event = desk.lease(9); event; event = desk.lease(9)) {
        for (const run of missingRuns(desk.ledger.open.get(event.unit) as never))
          desk.submit(9, event.unit, run);
      }
      expect(desk.broken()).toBe(null);
      expect(desk.ledger.open.size).toBe(0);
      // Five volunteers are too few to fail a unit.
      expect(desk.ledger.doneRuns).toBe(17);
    }),
    { numRuns: 500 },
  );
});

test('one person who comes and goes never fails a unit', () => {
  const desk = new Desk(4);
  for (let i = 0; i < 30; i++) {
    expect(desk.lease(1)?.unit).toBe(0);
    if (i % 2) desk.nowMs += 1000;
    else desk.write(handBack(desk.ledger, 0, 'd1', left));
  }
  expect(desk.ledger.failed.size).toBe(0);
});

test('a unit that keeps going wrong in one pair of hands waits for another', () => {
  const desk = new Desk(4);
  for (let i = 0; i < LIMITS.faultsPerAttemptMax; i++) {
    expect(desk.lease(1)?.unit).toBe(0);
    desk.write(handBack(desk.ledger, 0, 'd1', lost));
  }
  expect(desk.lease(1)).toBe(null);
  expect(desk.lease(2)?.unit).toBe(0);
  desk.submit(2, 0, 0);
  desk.write(handBack(desk.ledger, 0, 'd2', left));
  // Somebody got on with it, so it may have been the device.
  expect(desk.lease(1)?.unit).toBe(0);
});

test('a device speaks for its own lease only', () => {
  const desk = new Desk(4);
  desk.lease(1, 4, 10);
  desk.nowMs = 100;
  desk.lease(1, 4, 11);
  expect(extend(desk.ledger, 0, 'd10', 900)).toBe(null);
  expect(handBack(desk.ledger, 0, 'd10', left)).toEqual([]);
  expect(extend(desk.ledger, 0, 'd11', 900)).not.toBe(null);
});

test('the promises notice what they are there for', () => {
  const desk = new Desk(8);
  desk.lease(1);
  for (const run of [0, 1, 2, 3]) desk.submit(1, 0, run);
  desk.lease(2);
  const world = () => ({
    ledger: structuredClone(desk.ledger),
    records: [...desk.records],
    acknowledged: [...desk.acknowledged],
  });
  expect(brokenPromise(world())).toBe(null);
  const lost = world();
  lost.records.pop();
  expect(brokenPromise(lost)).toContain('P1');
  const twice = world();
  twice.records.push(twice.records[0] as AcceptedRun);
  expect(brokenPromise(twice)).toContain('P2');
  const forgotten = world();
  forgotten.ledger.open.clear();
  expect(brokenPromise(forgotten)).toContain('P3');
  expect(brokenPromise({ ...world(), outcomesBefore: new Map([[1, 'failed']]) })).toContain('P4');
  const rich = world();
  rich.ledger.contributions.set('v1', { runs: 4, credit: 1000 });
  expect(brokenPromise(rich)).toContain('P5');
});
