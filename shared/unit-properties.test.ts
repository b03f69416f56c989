// Whatever volunteers and researchers do: properties of random histories.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BareDesk, CREDIT, disputed, LAST_STEP, LEASE_MS, left, lost } from '../test/sim/bare-desk.ts';
import { missingRuns, type Unit } from './ledger.ts';

const open = (desk: BareDesk, unit: number) => desk.ledger.open.get(unit) as Unit;

const kinds = [
  'lease',
  'old',
  'submit',
  'part',
  'foreign',
  'beat',
  'back',
  'dispute',
  'wait',
  'mode',
  'grow',
] as const;
type Move = { kind: (typeof kinds)[number]; volunteer: number; pick: number };

const moveOf = (...among: Move['kind'][]): fc.Arbitrary<Move> =>
  fc.record({
    kind: fc.constantFrom(...among),
    volunteer: fc.integer({ min: 0, max: 4 }),
    pick: fc.nat({ max: 1000 }),
  });
const anything = moveOf(...kinds, 'submit', 'part', 'part', 'lease');
const anythingButModes = moveOf(...kinds.filter((kind) => kind !== 'mode' && kind !== 'dispute'), 'part');

type HeldUnit = { unit: number; first: number; count: number };

/** What volunteers, honest or not, and the researcher may do next. */
function play(desk: BareDesk, held: Map<number, HeldUnit>, { kind, volunteer, pick }: Move): void {
  const own = held.get(volunteer);
  const run = own ? own.first + (pick % own.count) : 0;
  if (kind === 'lease' || kind === 'old') {
    const event = desk.lease(volunteer, 1 + (pick % 5), { continues: kind === 'lease' });
    if (event) held.set(volunteer, event);
  } else if (kind === 'foreign') desk.submit(volunteer, pick % 7, pick % 23, pick % 4, 4 + (pick % 7));
  else if (kind === 'wait') desk.nowMs += pick % 150;
  else if (kind === 'grow') desk.write([{ type: 'grown', runs: desk.ledger.runs + (pick % 3) }]);
  else if (kind === 'mode') desk.change(pick % 40 === 0 ? 'cancelled' : pick % 2 ? 'paused' : 'running');
  else if (!own) return;
  else if (kind === 'submit') desk.submit(volunteer, own.unit, run, desk.stepOf(own.unit, run));
  else if (kind === 'part') {
    const from = desk.stepOf(own.unit, run);
    if (from < LAST_STEP - 1)
      desk.submit(volunteer, own.unit, run, from, from + 1 + (pick % (LAST_STEP - 1 - from)));
  } else if (kind === 'beat') desk.beat(volunteer, own.unit, pick);
  else if (kind === 'dispute') desk.back(volunteer, own.unit, { ...disputed(run), proven: pick % 3 === 0 });
  else desk.back(volunteer, own.unit, pick % 2 ? lost : left);
}

const histories = fc.array(anything, { minLength: 1, maxLength: 120 });

/** Lets a history happen; after every move something is looked at. */
function tell(moves: readonly Move[], look: (desk: BareDesk) => void, runs = 17): BareDesk {
  const desk = new BareDesk(runs);
  const held = new Map<number, HeldUnit>();
  for (const move of moves) {
    play(desk, held, move);
    look(desk);
  }
  return desk;
}

const holds = (check: (moves: Move[]) => void, moves = histories) =>
  fc.assert(fc.property(moves, check), { numRuns: 1000 });

describe('whatever volunteers and researchers do', () => {
  test('the promises hold after every move', () =>
    holds((moves) => {
      tell(moves, (desk) => expect(desk.broken()).toBe(null));
    }));

  test('the log alone gives the same ledger, with the same index', () =>
    holds((moves) => {
      const { ledger, replayed } = asReplayed(tell(moves, () => {}));
      expect(replayed.index.held).toEqual(ledger.index.held);
      expect([...replayed.index.free]).toEqual([...ledger.index.free]);
      expect({ ...replayed, index: null }).toEqual({ ...ledger, index: null });
    }));

  test('the index knows every open unit: held by one device, or free', () =>
    holds((moves) => {
      tell(moves, ({ ledger }) => {
        const { held, free } = ledger.index;
        expect(held.size + free.size).toBe(ledger.open.size);
        for (const unit of free) expect(live(ledger.open.get(unit))).toBe(undefined);
        for (const [device, unit] of held) expect(live(ledger.open.get(unit))?.deviceId).toBe(device);
      });
    }));

  test('no lease outlives its time unseen', () =>
    holds((moves) => {
      const desk = tell(moves, () => {});
      const soonest = Math.min(
        ...[...desk.ledger.open.values()].map((unit) => live(unit)?.expiresAtMs ?? Number.POSITIVE_INFINITY),
      );
      expect(desk.ledger.index.nextExpiryMs).toBeLessThanOrEqual(soonest);
      desk.nowMs += 10 * LEASE_MS;
      desk.expire();
      expect(desk.ledger.index.held.size).toBe(0);
    }));

  test('the credit of a run is the same however many hands it went through', () =>
    holds((moves) => {
      for (const { credit, earlier } of tell(moves, () => {}).records) {
        // What was done before a run began anew is worth something too.
        const since = credit === CREDIT ? earlier.length : earlier.findLastIndex(({ from }) => from === 0);
        expect(earlier.slice(since).reduce((all, one) => all + one.credit, credit)).toBe(CREDIT);
      }
    }));

  test('nobody is told twice that a run was theirs alone', () =>
    holds((moves) => {
      const { acknowledged } = tell(moves, () => {});
      const last = acknowledged.filter(({ to }) => to === LAST_STEP);
      for (const [, all] of Map.groupBy(last, ({ run }) => run))
        expect(new Set(all.map(({ volunteerId }) => volunteerId)).size).toBe(1);
    }));

  test('a cancelled sweep has nothing to hand out once its leases are over', () =>
    holds((moves) => {
      const desk = tell(moves, () => {});
      desk.change('cancelled');
      desk.nowMs += 1000;
      expect(desk.lease(9)).toBe(null);
      expect(desk.ledger.open.size).toBe(0);
      expect(desk.broken()).toBe(null);
    }));

  test('an honest volunteer who stays finishes every sweep', () =>
    holds(
      (moves) => {
        const desk = tell(moves, () => {});
        desk.nowMs += 1000;
        for (let event = desk.lease(9); event; event = desk.lease(9)) {
          for (const run of missingRuns(open(desk, event.unit)))
            desk.submit(9, event.unit, run, desk.stepOf(event.unit, run));
        }
        expect(desk.broken()).toBe(null);
        expect(desk.ledger.open.size).toBe(0);
        // Five volunteers are too few to fail a unit.
        expect(desk.ledger.doneRuns).toBe(desk.ledger.runs);
      },
      fc.array(anythingButModes, { maxLength: 60 }),
    ));
});

const live = (unit: Unit | undefined) => unit?.attempts.find(({ verdict }) => verdict === 'running');
const asReplayed = (desk: BareDesk) => ({ ledger: desk.ledger, replayed: desk.replayed(17) });
