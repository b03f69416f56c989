import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { sweepOf } from '../../shared/spec/sweep.ts';
import { type Given, givenSweep, Hand, SLOW, segment, WHOLE, whole } from '../../test/api/hand.ts';
import { at, breakBinding, inside, memoryOf, objectAt, type Where } from '../../test/api/inside.ts';
import { curveOf, env, tinySpec } from '../../test/api/world.ts';
import { curveReplies } from '../curves.ts';
import { mergePages, type Page, type Status } from './view.ts';

let given: Given;
let id: string;
let number = 0;
const hand = new Hand(1);
const another = new Hand(2);

beforeEach(async () => {
  given = await givenSweep(`changed-${number++}`);
  id = given.id;
});

const pageOf = async (where: Where, from = 0, count = 100) =>
  (await objectAt(where).page(at(where), { from, count, curves: true })) as Page;
const statesOf = async (where: Where) => (await pageOf(where)).runs.map(({ state }) => state);
const change = async (mode: 'running' | 'paused' | 'cancelled', where: Where = id) =>
  (await objectAt(where).change(at(where), mode)) as Status;
const wanted = async (who: Hand, where: Where = id) => (await who.exchange(where, [], WHOLE)).lease;
const seeds = (name: string, count: number, more: object = {}) => {
  const seed = { values: Array.from({ length: count }, (_, i) => i) };
  const parameters = { 'optimizer.weightDecay': { values: [0, 1] }, seed };
  return JSON.stringify(sweepOf(tinySpec(name, { parameters, ...more })).spec);
};

describe('a paused sweep', () => {
  test('takes results and keeps leases, but hands out nothing until it goes on', async () => {
    const lease = await hand.lease(id, SLOW);
    await change('paused');
    expect(await wanted(another)).toBeNull();
    expect(await hand.heartbeat(id, lease.unit, 1)).toBe(true);
    expect((await hand.lease(id, SLOW)).unit).toBe(lease.unit);
    expect(await hand.deliver(id, whole(lease, 0))).toMatchObject([{ verdict: 'accepted' }]);
    await evictDurableObject(objectAt(id));
    expect(await wanted(another)).toBeNull();
    await change('running');
    expect((await wanted(another))?.runs.length).toBe(7);
  });

  test('is paused from its first moment where D1 says so', async () => {
    await env.DB.prepare("UPDATE sweeps SET mode = 'paused' WHERE id = ?").bind(id).run();
    expect(await wanted(hand)).toBeNull();
  });
});

describe('a cancelled sweep', () => {
  test('gives up what nobody works on, takes what is under way, and never goes on', async () => {
    const lease = await hand.lease(id, SLOW);
    const left = await another.lease(id, SLOW);
    await another.deliver(id, await segment(given, left, { run: 1, from: 0, to: 10 }));
    await another.handBack(id, left.unit, 'left');
    expect(await change('cancelled')).toMatchObject({ failedRuns: 0, trainingRuns: 1 });
    expect(await statesOf(id)).toEqual(['training', ...Array(7).fill('cancelled')]);
    expect((await hand.exchange(id, [whole(lease, 0)], WHOLE)).lease).toBeNull();
    expect((await hand.exchange(id, [], WHOLE)).isOver).toBe(true);
    await change('running');
    expect(await wanted(another)).toBeNull();
    const { runs, failed } = await pageOf(id);
    expect(runs.map(({ state }) => state)).toEqual(['finished', ...Array(7).fill('cancelled')]);
    expect(runs[1]).toMatchObject({ step: 10, segments: 1 });
    expect(failed).toEqual([]);
    expect((await objectAt(id).audit(at(id)))?.problems).toEqual([]);
  });
});

describe('a sweep that grows', () => {
  test('hands out its new runs, and its pages and D1 know of them at once', async () => {
    await hand.finish(id);
    await runDurableObjectAlarm(objectAt(id));
    const completed = 'SELECT runs, completed_at IS NULL AS missing FROM cells WHERE sweep_id = ?';
    const cells = async () => (await env.DB.prepare(completed).bind(id).all()).results;
    expect(await cells()).toEqual(Array(2).fill({ runs: 4, missing: 0 }));
    for (let again = 0; again < 2; again++) await objectAt(id).grow(at(id), seeds('x', 6));
    expect(await cells()).toEqual(Array(2).fill({ runs: 6, missing: 1 }));
    expect((await pageOf(id)).runs.length).toBe(12);
    expect((await hand.lease(id)).runs.map(({ run }) => run)).toEqual([8, 9, 10, 11]);
  });

  test.each([
    ['at once', () => abortAllDurableObjects()],
    ['after folding', () => runDurableObjectAlarm(objectAt(id)).then(() => abortAllDurableObjects())],
  ])('is as large after a restart %s', async (_, restart) => {
    const lease = await hand.lease(id, SLOW);
    await objectAt(id).grow(at(id), seeds('x', 6));
    await hand.deliver(id, whole(lease, 0));
    const before = await memoryOf(id);
    await restart();
    expect((await memoryOf(id)).ledger).toEqual(before.ledger);
    await hand.finish(id);
    expect((await memoryOf(id)).ledger.doneRuns).toBe(12);
    expect((await objectAt(id).audit(at(id)))?.problems).toEqual([]);
  });

  test('tells D1 of it after all, where D1 was down and the object restarted meanwhile', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
    await hand.finish(id);
    await runDurableObjectAlarm(objectAt(id));
    await breakBinding(id, 'DB');
    await objectAt(id).grow(at(id), seeds('x', 6));
    await inside(id, ({ opened }) => opened.chores.fold(Date.now()));
    expect(await inside(id, ({ tables }) => tables.logIsEmpty())).toBe(true);
    await abortAllDurableObjects();
    await inside(id, ({ opened }) => opened.chores.tell(Date.now()));
    const runs = 'SELECT DISTINCT runs FROM cells WHERE sweep_id = ?';
    expect(await env.DB.prepare(runs).bind(id).first('runs')).toBe(6);
    errors.mockRestore();
  });

  test('never shrinks, and never becomes another sweep', async () => {
    await objectAt(id).grow(at(id), seeds('x', 2));
    expect((await memoryOf(id)).ledger.runs).toBe(8);
    const other = JSON.stringify(sweepOf(tinySpec('x', { parameters: { seed: { min: 0, max: 40 } } })).spec);
    expect(await objectAt(id).grow(at(id), other).then(String, String)).toContain('another sweep');
  });
});

describe('two stripes', () => {
  const parameters = { 'optimizer.weightDecay': { values: [0, 1, 2] }, seed: { values: [0, 1, 2] } };
  const both = async (name: string) => {
    const striped = await givenSweep(name, { parameters }, 2);
    const where = [0, 1].map((stripe) => ({ sweepId: striped.id, stripe }));
    return { striped, where: where as [Exclude<Where, string>, Exclude<Where, string>] };
  };
  const merged = async (where: readonly Where[], from = 0, count = 100) =>
    mergePages(await Promise.all(where.toReversed().map((one) => pageOf(one, from, count))));

  test('hold a sweep’s cells in turn, and number runs and units within the sweep', async () => {
    const { where } = await both('striped-units');
    const leases = [await hand.lease(where[0]), await hand.lease(where[1])];
    expect(leases.map(({ unit, runs }) => [unit, runs.map(({ run }) => run)])).toEqual([
      [0, [0, 2, 3, 5, 6, 8]],
      [1, [1, 4, 7]],
    ]);
    const [, second] = leases;
    expect(await hand.deliver(where[1], whole({ unit: second?.unit ?? 0 }, 4))).toMatchObject([
      { verdict: 'accepted' },
    ]);
    expect(await hand.deliver(where[0], whole({ unit: 0 }, 1))).toMatchObject([{ code: 'run-not-in-unit' }]);
  });

  test('look together like the sweep without stripes', async () => {
    const curve = (run: number) => curveOf({ loss: run + 1, tGen: 10 + run });
    const { where } = await both('striped-pages');
    const plain = await givenSweep('plain-pages', { parameters });
    for (const one of [...where, plain.id]) {
      await hand.finish(one, curve);
      await runDurableObjectAlarm(objectAt(one));
    }
    const seen = async (page: Page) => ({
      ...page,
      runs: page.runs.map(({ finishedAtMs: _, ...run }) => run),
      curves: await curveReplies(env.BLOBS, page.curves),
    });
    for (const [from, count] of [
      [0, 100],
      [2, 4],
      [7, 2],
    ] as const)
      expect(await seen(await merged(where, from, count))).toEqual(
        await seen(await pageOf(plain.id, from, count)),
      );
    const sums = 'SELECT finished_runs, failed_runs FROM sweeps WHERE id = ?';
    const told = await env.DB.prepare(sums).bind(where[0].sweepId).first();
    expect(told).toEqual({ finished_runs: 9, failed_runs: 0 });
    const rows = 'SELECT cell, runs, aggregate, sample_run FROM cells WHERE sweep_id = ? ORDER BY cell';
    const cells = async (sweepId: string) => (await env.DB.prepare(rows).bind(sweepId).all()).results;
    expect(await cells(where[0].sweepId)).toEqual(await cells(plain.id));
  });

  test('are asked by name: a stripe that does not exist is no stripe', async () => {
    const { striped } = await both('striped-missing');
    const third = { sweepId: striped.id, stripe: 2 };
    expect(await objectAt(third).open(third)).toBe(false);
    expect(await objectAt('nothing-00000000').open(at('nothing-00000000'))).toBe(false);
  });
});

test('runs in training show what their devices told, until they are finished', async () => {
  const lease = await hand.lease(id, SLOW);
  await hand.heartbeat(id, lease.unit, 3, lease.runs);
  expect((await pageOf(id)).live).toMatchObject([{ run: 0, steps: [0], 'test.loss': [1] }]);
  await hand.deliver(id, whole(lease, 0));
  expect((await pageOf(id)).live).toEqual([]);
});

test('a heartbeat that changes nothing writes nothing and waits for nothing', async () => {
  const lease = await hand.lease(id, SLOW);
  const seq = () => inside(id, ({ opened: { desk } }) => [desk.log.seq, desk.log.decisions]);
  const before = await seq();
  for (let progress = 0; progress < 5; progress++) await hand.heartbeat(id, lease.unit, progress);
  expect(await seq()).toEqual(before);
});

async function failEverywhere(): Promise<void> {
  for (let volunteer = 10; volunteer < 18; volunteer++) {
    const one = new Hand(volunteer);
    const lease = await one.lease(id, SLOW);
    await one.handBack(id, lease.unit, 'fault');
  }
}

test('a unit that fails everywhere is shown with its reasons', async () => {
  await failEverywhere();
  const { failed, status, runs } = await pageOf(id);
  expect(failed).toEqual([{ runs: [0], reasons: [{ reason: 'it was fault', volunteers: 8 }] }]);
  expect([status.failedRuns, runs[0]?.state]).toEqual([1, 'failed']);
  await evictDurableObject(objectAt(id));
  expect((await pageOf(id)).status.failedRuns).toBe(1);
});

test('what failed is tried again when its researcher says so, and D1 is told', async () => {
  await failEverywhere();
  expect(await objectAt(id).retry({ sweepId: id, stripe: 0 })).toMatchObject({ failedRuns: 0 });
  await evictDurableObject(objectAt(id));
  const { failed, runs } = await pageOf(id);
  expect([failed, runs[0]?.state]).toEqual([[], 'waiting']);
  const lease = await new Hand(30).lease(id, SLOW);
  expect(lease.runs.map(({ run }) => run)).toEqual([0]);
});
