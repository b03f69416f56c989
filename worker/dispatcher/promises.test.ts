import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LIMITS } from '../../shared/limits.ts';
import { brokenPromise, type World } from '../../shared/promises.ts';
import { inside, worldOf } from '../../test/api/inside.ts';
import { curveOf, dispatcher, env, newSweep } from '../../test/api/world.ts';
import { sha256 } from '../digest.ts';
import type { Exchanged } from './object.ts';

const SEEDS = 24;
const STEPS = 10;
const CALLS_AT_ONCE = 4;

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

class Story {
  readonly acknowledged: World['acknowledged'][number][] = [];
  readonly outcomes = new Map<number, 'accepted' | 'failed'>();
  /** Units each volunteer was ever given. */
  readonly given = new Map<string, { unit: number; runs: number[] }[]>();
  restarts = 0;
  accidents = 0;
  cutOff = 0;
  private readonly id: string;
  private readonly roll: (below: number) => number;

  constructor(id: string, seed: number) {
    this.id = id;
    this.roll = chance(seed);
  }

  async step(): Promise<void> {
    const calls = Array.from({ length: CALLS_AT_ONCE }, () => this.call());
    const folding = this.roll(3) === 0 ? runDurableObjectAlarm(dispatcher(this.id)) : null;
    const accident = this.roll(4) === 0 ? this.abortAfter(this.roll(25)) : null;
    // Whoever was cut off was told nothing.
    const ends = await Promise.allSettled([...calls, folding, accident]);
    this.cutOff += ends.filter(({ status }) => status === 'rejected').length;
    vi.setSystemTime(Date.now() + this.roll(LIMITS.leaseMs));
    const fate = this.roll(4);
    if (fate === 0) await evictDurableObject(dispatcher(this.id)).catch(() => {});
    if (fate === 1) await abortAllDurableObjects();
    if (fate === 2) await runDurableObjectAlarm(dispatcher(this.id));
    if (fate < 2) this.restarts++;
  }

  private async abortAfter(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    await abortAllDurableObjects();
    this.accidents++;
  }

  /** The first broken promise, given all that anybody was told so far. */
  async judge(): Promise<string | null> {
    const { ledger, records } = await worldOf(this.id);
    const broken = brokenPromise({
      ledger,
      records,
      acknowledged: this.acknowledged,
      outcomesBefore: this.outcomes,
    });
    for (const unit of ledger.failed.keys()) this.outcomes.set(unit, 'failed');
    for (let unit = 0; unit < ledger.nextUnit; unit++) {
      if (!ledger.open.has(unit) && !ledger.failed.has(unit)) this.outcomes.set(unit, 'accepted');
    }
    return broken;
  }

  private async call(): Promise<void> {
    const volunteerId = `${this.roll(3)}`.repeat(32);
    const deviceId = `${this.roll(2)}`.repeat(32);
    const mine = this.given.get(volunteerId) ?? [];
    const unit = mine[this.roll(mine.length)];
    const what = this.roll(10);
    const stub = dispatcher(this.id);
    if (what === 0 && unit)
      return void (await stub.handBack(this.id, { volunteerId, deviceId }, unit.unit, {
        fault: false,
        reason: 'tired',
      }));
    if (what === 1 && unit) return void (await stub.heartbeat(this.id, { volunteerId, deviceId }, unit.unit));
    const results = unit && what < 8 ? await this.results(unit) : [];
    const wants = what % 2 === 0 ? { flopsPerSecond: this.roll(2) * 1e15 } : null;
    const reply = (await stub.exchange(this.id, { volunteerId, deviceId, results, wants })) as Exchanged;
    for (const [i, { verdict }] of reply.verdicts.entries()) {
      const { run, curve } = results[i] as (typeof results)[number];
      if (verdict === 'accepted') this.acknowledged.push({ run, volunteerId, digest: await sha256(curve) });
    }
    if (reply.lease) this.given.set(volunteerId, [...mine, reply.lease]);
  }

  /** Some of the unit's runs, at times one of another unit, at times other bytes than before, at times broken ones. */
  private async results({ unit, runs }: { unit: number; runs: number[] }) {
    const chosen = runs.filter(() => this.roll(3) > 0);
    if (this.roll(8) === 0) chosen.push(this.roll(24));
    return chosen.map((run) => {
      const curve = this.roll(12) === 0 ? new Uint8Array(9) : curveOf({ steps: 20, loss: 1 + this.roll(2) });
      return {
        unit,
        run,
        curve,
        engine: 'test',
        engineVersion: '1',
        elapsedMs: 1,
        weightsDigest: 'ab'.repeat(32),
      };
    });
  }
}

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

const totals = { restarts: 0, accidents: 0, cutOff: 0, acknowledged: 0 };

test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
  'every promise holds through history %d',
  async (seed) => {
    const parameters = { 'optimizer.weightDecay': { values: [0, 1, 2] }, seed: { values: [0, 1, 2, 3] } };
    const id = await newSweep(`promises-${seed}`, { train: { steps: 20 }, parameters });
    const story = new Story(id, seed);
    for (let step = 0; step < STEPS; step++) {
      await story.step();
      expect(await story.judge()).toBeNull();
    }
    totals.restarts += story.restarts;
    totals.accidents += story.accidents;
    totals.cutOff += story.cutOff;
    totals.acknowledged += story.acknowledged.length;
    // What D1 is told in the end is what the object knows.
    await runDurableObjectAlarm(dispatcher(id));
    const { ledger } = await worldOf(id);
    const failed = await inside(id, ({ opened }) => opened.state.failedRuns());
    const told = await env.DB.prepare('SELECT finished_runs, failed_runs FROM sweeps WHERE id = ?')
      .bind(id)
      .first();
    if (ledger.nextUnit > 0) expect(told).toEqual({ finished_runs: ledger.doneRuns, failed_runs: failed });
    const credit = 'SELECT coalesce(sum(credit), 0) AS credit FROM contributions WHERE sweep_id = ?';
    const sum = [...ledger.contributions.values()].reduce((all, one) => all + one.credit, 0);
    expect(await env.DB.prepare(credit).bind(id).first('credit')).toBe(sum);
  },
);

test('the histories were worth telling', () => {
  expect(totals.restarts).toBeGreaterThan(50);
  expect(totals.accidents).toBeGreaterThan(30);
  expect(totals.cutOff).toBeGreaterThan(0);
  expect(totals.acknowledged).toBeGreaterThan(200);
});
