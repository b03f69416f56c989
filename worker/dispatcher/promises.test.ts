// The real object against the pure model: the same promises, and the ledger that its log alone leads to.

import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { apply, type Ledger, newLedger } from '../../shared/ledger.ts';
import { LIMITS } from '../../shared/limits.ts';
import { brokenPromise, type World } from '../../shared/promises.ts';
import { runsInStripe } from '../../shared/spec/stripe.ts';
import { type Sweep, sweepOf } from '../../shared/spec/sweep.ts';
import type { Lease } from '../../shared/work.ts';
import {
  type Given,
  givenSweep,
  Hand,
  type Result,
  SLOW,
  segment,
  WHOLE,
  whole,
} from '../../test/api/hand.ts';
import { breakBinding, inside, mend, objectAt } from '../../test/api/inside.ts';
import { curveOf, env } from '../../test/api/world.ts';
import { sha256 } from '../digest.ts';
import type { At } from './object.ts';
import type { LogRow } from './record.ts';
import { ledgerText } from './snapshot.ts';
import { Tables } from './tables.ts';
import type { Data } from './view.ts';

// A history takes about a second, and many on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const SEEDS = 25;
const OPERATIONS = 40;
const STEPS = 20;
/** Operations between two looks into the objects. */
const LOOK_EVERY = 1;

/** Small and known by heart (mulberry32): a failure is replayed by its seed. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Every row that was ever written to a log, whatever became of it since. */
const written = new Map<string, Map<number, LogRow>>();
const append = Tables.prototype.appendLog;
const nameOf = ({ sweepId, stripe }: At) => `${sweepId} ${stripe}`;
beforeAll(() => {
  Tables.prototype.appendLog = function recorded(this: Tables, seq, row, curves) {
    const name = nameOf({ sweepId: this.meta('sweepId'), stripe: this.meta('stripe') });
    const rows = written.get(name) ?? new Map();
    written.set(name, rows.set(seq, structuredClone(row)));
    append.call(this, seq, row, curves);
  };
});
afterAll(() => {
  Tables.prototype.appendLog = append;
});

/** What one stripe promised, and what its log says. */
class Witness {
  readonly where: At;
  readonly acknowledged: World['acknowledged'][number][] = [];
  private readonly outcomes = new Map<number, 'accepted' | 'failed'>();
  private readonly model: Ledger;
  private seen = 0;

  constructor(where: At, sweep: Sweep, stripes: number) {
    this.where = where;
    this.model = newLedger(runsInStripe(sweep, { stripes, stripe: where.stripe }));
  }

  inParts(): Promise<number> {
    return inside(this.where, ({ opened: { desk } }) => {
      const records = [...desk.state.records(0, desk.state.ledger.runs).values()];
      return records.filter(({ place }) => place.in === 'part').length;
    });
  }

  /** The first thing that is wrong, in words. */
  async judge(): Promise<string | null> {
    const look = () =>
      inside(this.where, ({ opened: { desk } }) => {
        desk.log.flush();
        const { ledger: current } = desk.state;
        const found = [...desk.state.records(0, current.runs).values()];
        return { seq: desk.log.seq, ledger: structuredClone(current), records: found };
      });
    // A commit that fails takes the object with it.
    const { seq, ledger, records } = await look().catch(look);
    const rows = written.get(nameOf(this.where));
    for (; this.seen < seq; this.seen++) {
      const row = rows?.get(this.seen + 1);
      if (!row) return `row ${this.seen + 1} was never written`;
      for (const event of row.events) {
        apply(this.model, event);
        if (event.type === 'rewound') totals.rewinds++;
      }
    }
    if (ledgerText(ledger) !== ledgerText(this.model))
      return 'the log does not lead to what the object holds';
    const { acknowledged, outcomes: outcomesBefore } = this;
    const broken = brokenPromise({ ledger, records, acknowledged, outcomesBefore });
    for (const unit of ledger.failed.keys()) outcomesBefore.set(unit, 'failed');
    for (let unit = 0; unit < ledger.nextUnit; unit++)
      if (!ledger.open.has(unit) && !ledger.failed.has(unit)) outcomesBefore.set(unit, 'accepted');
    return broken;
  }
}

const totals = {
  moved: 0,
  restarts: 0,
  accidents: 0,
  cutOff: 0,
  acknowledged: 0,
  segments: 0,
  rewinds: 0,
  grown: 0,
};

class Story {
  readonly witnesses: Witness[];
  private readonly given: Given;
  private readonly roll: (below: number) => number;
  private readonly leases = new Map<Hand, { at: Witness; lease: Lease }[]>();
  private readonly hands: Hand[];
  private seeds = 3;

  constructor(given: Given, seed: number, stripes: number) {
    this.given = given;
    this.roll = chance(seed);
    this.hands = [0, 1, 2, 3, 4, 5].map((i) => new Hand(i >> 1, i & 1));
    this.witnesses = Array.from(
      { length: stripes },
      (_, stripe) => new Witness({ sweepId: given.id, stripe }, given.sweep, stripes),
    );
  }

  /** Calls at once, disturbed at times. Whoever was cut off was told nothing. */
  async operate(): Promise<void> {
    const { where } = this.some(this.witnesses);
    const calls = [this.call(), this.call()];
    if (this.roll(3) === 0) calls.push(this.unsettle(where));
    const ends = await Promise.allSettled(calls);
    totals.cutOff += ends.filter(({ status }) => status === 'rejected').length;
    vi.setSystemTime(Date.now() + this.roll(LIMITS.leaseMs / 2));
    const fate = this.roll(16);
    if (fate === 0) await evictDurableObject(objectAt(where)).catch(() => {});
    if (fate === 1) await abortAllDurableObjects();
    if (fate < 2) totals.restarts++;
  }

  private async unsettle(where: At): Promise<void> {
    const what = this.roll(12);
    if (what < 3) return void (await runDurableObjectAlarm(objectAt(where)));
    if (what === 3) {
      await new Promise((resolve) => setTimeout(resolve, this.roll(20)));
      await abortAllDurableObjects();
      totals.accidents++;
    }
    if (what === 4) await breakBinding(where, this.roll(2) === 0 ? 'DB' : 'BLOBS');
    if (what === 5) await mend(where);
    if (what === 6) await objectAt(where).change(where, this.roll(2) === 0 ? 'paused' : 'running');
    if (what === 8) {
      await inside(where, ({ tables }) => {
        tables.atomically = () => {
          throw new Error('the disk is full');
        };
      });
      totals.accidents++;
    }
    if (what > 8) {
      await inside(where, async ({ opened }) => {
        const { compaction } = opened.chores;
        // As the chores do it: never while something is folded.
        await opened.chores.inTurn(() => compaction.compact(Date.now()));
        if (what === 11) await opened.chores.inTurn(() => compaction.drop(Date.now() + 3600_000));
      });
    }
    if (what === 7 && this.seeds < 5) {
      this.seeds++;
      totals.grown++;
      const spec = JSON.stringify(sweepOf(specOf(this.given.sweep.spec, this.seeds)).spec);
      for (const one of this.witnesses) await objectAt(one.where).grow(one.where, spec);
    }
  }

  private some = <T>(members: readonly T[]): T => members[this.roll(members.length)] as T;

  private async call(): Promise<void> {
    const hand = this.some(this.hands);
    const mine = this.leases.get(hand) ?? [];
    const held = mine.length > 0 ? this.some(mine.slice(-2)) : null;
    const witness = held?.at ?? this.some(this.witnesses);
    const { where } = witness;
    const what = this.roll(12);
    if (held && what === 0) return void (await hand.handBack(where, held.lease.unit, 'left'));
    if (held && what === 1) return void (await hand.heartbeat(where, held.lease.unit, this.roll(9)));
    if (held && what === 2) return this.complain(hand, where);
    const results = held && what < 10 ? await this.results(held.lease) : [];
    const wants = what % 4 === 3 ? null : this.roll(2) === 0 ? SLOW : WHOLE;
    const reply = await hand.exchange(where, results, wants);
    for (const [i, { verdict }] of reply.verdicts.entries()) {
      const { run, to, curve } = results[i] as Result;
      if (verdict !== 'accepted') continue;
      const local = await inside(where, ({ opened }) => opened.desk.state.localRun(run));
      const digest = await sha256(curve);
      witness.acknowledged.push({ run: local as number, volunteerId: hand.volunteerId, to, digest });
    }
    if (reply.lease) this.leases.set(hand, [...mine, { at: witness, lease: reply.lease }]);
  }

  /** Gives back what it holds: for a state that is gone or said to be bad, else for a fault. */
  private async complain(hand: Hand, where: At): Promise<void> {
    const { lease } = await hand.exchange(where, [], SLOW);
    if (!lease) return;
    const run = lease.runs.find(({ from }) => from > 0);
    if (!run) return void (await hand.handBack(where, lease.unit, 'fault'));
    if (this.roll(2) === 0) await env.BLOBS.delete(`states/${run.checkpoint}`);
    await hand.handBack(where, lease.unit, 'disputed', run.run);
  }

  /** Some of a unit's runs, whole or in part, at times of another unit, at times other bytes, at times broken ones. */
  private async results(lease: Lease): Promise<Result[]> {
    const chosen = lease.runs.filter(() => this.roll(3) > 0);
    const results: Result[] = [];
    for (const { run, from } of chosen) {
      const curve = curveOf({ steps: STEPS, loss: this.roll(8) === 0 ? 2 : 1 });
      const to = from + 1 + this.roll(STEPS - from);
      if (to < STEPS && this.roll(2) === 0) {
        totals.segments++;
        results.push(await segment(this.given, lease, { run, from, to, curve, steps: STEPS }));
      } else results.push(whole(lease, run, { curve, from, to: STEPS }));
      const last = results.at(-1) as Result;
      if (this.roll(12) === 0) last.curve = new Uint8Array(9);
      if (this.roll(12) === 0) last.run = this.roll(12);
    }
    return results;
  }
}

const specOf = (base: object, seeds: number) => ({
  ...base,
  parameters: {
    'optimizer.weightDecay': { values: [0, 1, 2] },
    seed: { values: Array.from({ length: seeds }, (_, i) => i) },
  },
});

let errors: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  errors = vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  errors.mockRestore();
});

test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
  'every promise holds through history %d',
  async (seed) => {
    const stripes = seed % 5 === 4 ? 2 : 1;
    const given = await givenSweep(`promises-${seed}`, specOf({ train: { steps: STEPS } }, 3), stripes);
    const story = new Story(given, seed, stripes);
    for (const { where } of story.witnesses) await objectAt(where).open(where);
    for (let operation = 0; operation < OPERATIONS; operation++) {
      await story.operate();
      if (operation % LOOK_EVERY === LOOK_EVERY - 1)
        for (const witness of story.witnesses) expect(await witness.judge()).toBeNull();
    }
    // Whatever was broken is whole again.
    await abortAllDurableObjects();
    for (const witness of story.witnesses) {
      const { where } = witness;
      await runDurableObjectAlarm(objectAt(where));
      expect(await witness.judge()).toBeNull();
      expect((await objectAt(where).audit(where))?.problems).toEqual([]);
      const { parts, pendingRuns } = (await objectAt(where).data(where)) as Data;
      const moved = witness.inParts();
      expect(parts.reduce((sum, { runs }) => sum + runs, 0)).toBe(await moved);
      expect(pendingRuns).toBeGreaterThanOrEqual(0);
      totals.moved += await moved;
      totals.acknowledged += witness.acknowledged.length;
      expect(await toldOf(where)).toEqual(await knownTo(where));
    }
  },
);

/** What D1 is told in the end is what the object knows. */
const toldOf = async ({ sweepId, stripe }: At) => {
  const told = 'SELECT finished_runs, failed_runs FROM stripes WHERE sweep_id = ? AND stripe = ?';
  const credit = `SELECT coalesce(sum(credit), 0) AS credit,
      coalesce(sum((SELECT sum(value ->> 2) FROM json_each(days))), 0) AS creditOfDays
    FROM contributions WHERE sweep_id = ? AND stripe = ?`;
  return {
    ...(await env.DB.prepare(told).bind(sweepId, stripe).first()),
    ...(await env.DB.prepare(credit).bind(sweepId, stripe).first()),
  };
};

const knownTo = (where: At) =>
  inside(where, ({ opened: { desk } }) => {
    const { ledger } = desk.state;
    const credit = [...ledger.contributions.values()].reduce((sum, one) => sum + one.credit, 0);
    return {
      ...{ finished_runs: ledger.doneRuns, failed_runs: desk.state.failedRuns() },
      ...{ credit, creditOfDays: credit },
    };
  });

test('the histories were worth telling', () => {
  expect(totals.restarts + totals.accidents).toBeGreaterThan(50);
  expect(totals.cutOff).toBeGreaterThan(0);
  expect(totals.acknowledged).toBeGreaterThan(300);
  expect(totals.segments).toBeGreaterThan(100);
  expect(totals.rewinds).toBeGreaterThan(0);
  expect(totals.grown).toBeGreaterThan(10);
  expect(totals.moved).toBeGreaterThan(50);
});
