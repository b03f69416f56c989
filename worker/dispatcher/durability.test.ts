import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { dayOf } from '../../shared/days.ts';
import type { CellAggregate } from '../../shared/measures/aggregate.ts';
import { givenSweep, Hand, SLOW, whole } from '../../test/api/hand.ts';
import { at, breakBinding, inside, memoryOf, mend, objectAt } from '../../test/api/inside.ts';
import { curveOf, env } from '../../test/api/world.ts';
import { curveReplies } from '../curves.ts';
import { exactJson } from '../digest.ts';
import { upsertCells } from '../store/cells.ts';
import { upsertContributions } from '../store/contributions.ts';
import { setProgress } from '../store/progress.ts';
import { ask } from './ask.ts';
import { prepareProjection } from './project.ts';
import type { Page } from './view.ts';

let id: string;
let hand: Hand;
let number = 0;
let errors: ReturnType<typeof vi.spyOn>;

beforeEach(async () => {
  errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  id = (await givenSweep(`durable-${number++}`)).id;
  hand = new Hand(1);
});
afterEach(() => errors.mockRestore());

const fold = () => runDurableObjectAlarm(objectAt(id));
const logIsEmpty = () => inside(id, ({ tables }) => tables.logIsEmpty());
const finishedInD1 = () =>
  env.DB.prepare('SELECT finished_runs AS n FROM sweeps WHERE id = ?').bind(id).first<number>('n');
async function page() {
  const request = { from: 0, count: 100, curves: true };
  const { curves, ...rest } = (await objectAt(id).page(at(id), request)) as Page;
  return { ...rest, curves: await curveReplies(env.BLOBS, curves) };
}

const restarts: [string, () => Promise<void>][] = [
  ['evicted', () => evictDurableObject(objectAt(id))],
  ['aborted', () => abortAllDurableObjects()],
];

describe.each(restarts)('an object that is %s', (_, restart) => {
  test('in the middle of a unit forgets neither results nor the lease', async () => {
    const lease = await hand.lease(id);
    await hand.deliver(id, whole(lease, 0), whole(lease, 3));
    const before = await memoryOf(id);
    await restart();
    expect(await memoryOf(id)).toEqual(before);
    expect(await hand.lease(id, SLOW)).toMatchObject({
      unit: lease.unit,
      runs: [1, 2, 4, 5, 6, 7].map((run) => ({ run })),
    });
    expect(await hand.heartbeat(id, lease.unit, 1)).toBe(true);
    expect((await hand.deliver(id, whole(lease, 3)))[0]?.verdict).toBe('accepted');
  });

  test('after folding is the same, and goes on where it was', async () => {
    const lease = await hand.lease(id);
    await hand.deliver(id, whole(lease, 0), whole(lease, 3));
    await fold();
    const before = await memoryOf(id);
    const seq = await inside(id, ({ opened }) => opened.desk.log.seq);
    expect(await logIsEmpty()).toBe(true);
    await restart();
    expect(await memoryOf(id)).toEqual(before);
    expect(await inside(id, ({ opened }) => opened.desk.log.seq)).toBe(seq);
    await hand.finish(id);
    await fold();
    expect(await finishedInD1()).toBe(8);
  });

  test('between a fold and more results has both', async () => {
    const lease = await hand.lease(id);
    await hand.deliver(id, whole(lease, 0));
    await fold();
    await hand.deliver(id, whole(lease, 1));
    const before = await memoryOf(id);
    await restart();
    expect(await memoryOf(id)).toEqual(before);
    expect(before.records.map(({ run, place }) => [run, place.in])).toEqual([
      [0, 'bundle'],
      [1, 'log'],
    ]);
  });

  test('with an unfolded log folds it by itself', async () => {
    await hand.lease(id, SLOW);
    await inside(id, (_object, storage) => storage.deleteAlarm());
    await restart();
    expect(await inside(id, (_object, storage) => storage.getAlarm())).not.toBeNull();
  });
});

test('nobody is told of a result before it is stored, neither its sender nor a reader', async () => {
  const lease = await hand.lease(id, SLOW);
  await inside(
    id,
    ({
      opened: {
        desk: { log },
      },
    }) => {
      log.flush = () => {};
    },
  );
  let told = 0;
  const tell = () => told++;
  const answers = [hand.deliver(id, whole(lease, 0)).then(tell)];
  await vi.waitFor(async () => expect((await memoryOf(id)).ledger.doneRuns).toBe(1), { interval: 1 });
  answers.push(hand.deliver(id, whole(lease, 0)).then(tell), page().then(tell));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(told).toBe(0);
  await inside(
    id,
    ({
      opened: {
        desk: { log },
      },
    }) => {
      Reflect.deleteProperty(log, 'flush');
      log.flush();
    },
  );
  await Promise.all(answers);
  expect(await inside(id, ({ tables }) => [...tables.log()].flatMap(({ row }) => row.records).length)).toBe(
    1,
  );
});

describe('a commit that fails', () => {
  test('is not acknowledged, and memory does not run ahead of storage', async () => {
    const lease = await hand.lease(id, SLOW);
    const before = await memoryOf(id);
    const result = whole(lease, 0);
    await failingCommit();
    const failure = await hand.deliver(id, result).then(String, String);
    expect(failure).toContain('a commit failed');
    expect(await memoryOf(id)).toEqual(before);
    expect((await hand.deliver(id, result))[0]?.verdict).toBe('accepted');
  });

  test('is tried again by the front door before the client hears of it', async () => {
    const lease = await hand.lease(id, SLOW);
    await failingCommit();
    const request = { ...hand.device, results: [whole(lease, 0)], wants: null };
    const reply = await ask(env, at(id), (d) => d.exchange(at(id), request) as Promise<object>);
    expect(reply).toMatchObject({ verdicts: [{ verdict: 'accepted' }] });
    expect((await page()).status.finishedRuns).toBe(1);
  });

  test.each(['before', 'after'])('%s some of its rows are written, it writes none', async (when) => {
    const lease = await hand.lease(id);
    await inside(id, ({ tables }) => {
      const append = tables.appendLog.bind(tables);
      tables.appendLog = (...row) => {
        if (when === 'after') append(...row);
        throw new Error('thrown between two statements');
      };
    });
    await hand.deliver(id, whole(lease, 0)).catch(() => {});
    expect((await memoryOf(id)).ledger.doneRuns).toBe(0);
    expect((await hand.deliver(id, whole(lease, 0)))[0]?.verdict).toBe('accepted');
  });
});

const failingCommit = () =>
  inside(id, ({ tables }) => {
    tables.atomically = () => {
      throw new Error('the disk is full');
    };
  });

describe('while R2 is down', () => {
  test('results are taken, shown and told to D1; they are folded once it is back', async () => {
    await hand.finish(id, (run) => curveOf({ loss: run + 1 }));
    await breakBinding(id, 'BLOBS');
    await fold();
    expect(await logIsEmpty()).toBe(false);
    expect(await finishedInD1()).toBe(8);
    const during = await page();
    await mend(id);
    await fold();
    expect(await logIsEmpty()).toBe(true);
    expect(await page()).toEqual(during);
    expect(during.curves.map((curve) => curve['test.loss'][0])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('a restart loses nothing', async () => {
    await hand.finish(id);
    await breakBinding(id, 'BLOBS');
    await fold();
    const before = await memoryOf(id);
    await abortAllDurableObjects();
    expect(await memoryOf(id)).toEqual(before);
  });
});

test('a fold takes along what is decided and not yet stored', async () => {
  const lease = await hand.lease(id);
  await inside(id, async (object) => {
    const results = [whole(lease, 0)];
    const exchanging = object.exchange(at(id), { ...hand.device, results, wants: null });
    const { ledger } = object.opened.desk.state;
    while (ledger.doneRuns === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await object.alarm();
    await exchanging;
  });
  const before = await memoryOf(id);
  await abortAllDurableObjects();
  expect(await memoryOf(id)).toEqual(before);
});

test('what happens while a fold waits for R2 is neither folded nor lost', async () => {
  const lease = await hand.lease(id);
  await hand.deliver(id, whole(lease, 0, { curve: curveOf({ loss: 1 }) }));
  const gate = Promise.withResolvers<void>();
  let isAsked = false;
  await inside(id, (object) => {
    const put = async (...args: Parameters<R2Bucket['put']>) => {
      isAsked = true;
      await gate.promise;
      return env.BLOBS.put(...args);
    };
    object.env = { ...object.env, BLOBS: { put } as unknown as R2Bucket };
  });
  const folding = fold();
  await vi.waitFor(() => expect(isAsked).toBe(true), { interval: 1 });
  await hand.deliver(id, whole(lease, 1, { curve: curveOf({ loss: 2 }) }));
  gate.resolve();
  await folding;
  const before = await memoryOf(id);
  expect(before.records.map(({ run, place }) => [run, place.in])).toEqual([
    [0, 'bundle'],
    [1, 'log'],
  ]);
  await abortAllDurableObjects();
  expect(await memoryOf(id)).toEqual(before);
  await hand.finish(id, (run) => curveOf({ loss: run + 1 }));
  await fold();
  expect((await page()).curves.map((curve) => curve['test.loss'][0])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

describe('a crash between the blob and the rows', () => {
  test('leaves everything in the log, to be folded again', async () => {
    await hand.finish(id, (run) => curveOf({ loss: run + 1 }));
    const before = await page();
    await inside(id, ({ tables }) => {
      tables.putSnapshot = () => {
        throw new Error('no room for a snapshot');
      };
    });
    await fold();
    const orphans = (await env.BLOBS.list({ prefix: `bundles/${id}/` })).objects.length;
    expect([await logIsEmpty(), orphans]).toEqual([false, 1]);
    expect(await inside(id, ({ tables }) => [tables.page(0).length, tables.nextBundle()])).toEqual([0, 1]);
    await abortAllDurableObjects();
    await fold();
    expect(await logIsEmpty()).toBe(true);
    expect(await page()).toEqual(before);
  });
});

describe('while D1 is down', () => {
  test('work goes on, and D1 learns of it once it is back', async () => {
    const lease = await hand.lease(id);
    await breakBinding(id, 'DB');
    const results = lease.runs.map(({ run }) => whole(lease, run));
    expect((await hand.deliver(id, ...results)).every(({ verdict }) => verdict === 'accepted')).toBe(true);
    await fold();
    expect([await logIsEmpty(), await finishedInD1()]).toEqual([true, 0]);
    await mend(id);
    expect(await fold()).toBe(true);
    expect(await finishedInD1()).toBe(8);
    expect(
      await env.DB.prepare('SELECT count(*) AS n FROM cells WHERE sweep_id = ?').bind(id).first('n'),
    ).toBe(2);
    expect(await inside(id, ({ tables }) => tables.lastSeq() - tables.meta('projectedSeq'))).toBe(0);
  });

  test('a restart does not forget what D1 was not told', async () => {
    await hand.finish(id);
    await breakBinding(id, 'DB');
    await fold();
    await evictDurableObject(objectAt(id));
    await fold();
    expect(await finishedInD1()).toBe(8);
    const cells = 'SELECT count(*) AS n FROM cells WHERE sweep_id = ?';
    expect(await env.DB.prepare(cells).bind(id).first('n')).toBe(2);
    const told = 'SELECT sum(runs) AS runs FROM contributions WHERE sweep_id = ? AND volunteer_id = ?';
    expect(await env.DB.prepare(told).bind(id, hand.volunteerId).first('runs')).toBe(8);
  });

  test('and after every restart and rebuild the days of each volunteer are what was accepted, once', async () => {
    const other = new Hand(2);
    const lease = await hand.lease(id);
    await hand.deliver(id, whole(lease, 0), whole(lease, 1));
    await fold();
    await breakBinding(id, 'DB');
    await hand.deliver(id, whole(lease, 1), whole(lease, 2));
    await hand.handBack(id, lease.unit, 'left');
    await other.finish(id);
    await fold();
    await abortAllDurableObjects();
    await fold();
    await hand.deliver(id, whole(lease, 2), whole(lease, 3));
    await objectAt(id).rebuild(at(id));
    await objectAt(id).rebuild(at(id));
    const told = 'SELECT volunteer_id, runs, credit, days FROM contributions WHERE sweep_id = ? ORDER BY 1';
    const day = dayOf(Date.now());
    expect((await env.DB.prepare(told).bind(id).all()).results).toEqual([
      { volunteer_id: hand.volunteerId, runs: 3, credit: 3, days: `[[${day},3,3]]` },
      { volunteer_id: other.volunteerId, runs: 5, credit: 5, days: `[[${day},5,5]]` },
    ]);
  });

  test('what is old never overwrites what is new', async () => {
    await hand.finish(id);
    await fold();
    const stored = async () => {
      const all = (table: string) =>
        env.DB.prepare(`SELECT * FROM ${table} WHERE sweep_id = ?`).bind(id).all();
      return [await finishedInD1(), (await all('cells')).results, (await all('contributions')).results];
    };
    const before = await stored();
    const old = await inside(id, ({ opened: { desk } }): CellAggregate => desk.state.aggregate(0));
    const cell = {
      cell: 0,
      label: 'old',
      values: [0],
      task: 'old',
      runs: 4,
      completedAtMs: null,
      sampleRun: null,
    };
    await setProgress(env.DB, id, 1, { stripe: 0, finishedRuns: 3, failedRuns: 5 });
    await upsertCells(env.DB, id, 1, [{ ...cell, aggregate: { ...old, n: 1 } }]);
    await upsertContributions(env.DB, id, 0, 1, [
      { volunteerId: hand.volunteerId, runs: 1, credit: 1, days: [] },
    ]);
    expect(await stored()).toEqual(before);
  });
});

test('an object with nothing to do sleeps', async () => {
  await hand.lease(id);
  await fold();
  expect(await inside(id, (_object, storage) => storage.getAlarm())).toBeNull();
});

test('a dead alarm is set again by whatever happens next', async () => {
  await hand.finish(id);
  await inside(id, (object, storage) => {
    Object.assign(object, { alarmAtMs: null });
    return storage.deleteAlarm();
  });
  await hand.heartbeat(id, 0, 1);
  await evictDurableObject(objectAt(id));
  await objectAt(id).status(at(id));
  expect(await inside(id, (_object, storage) => storage.getAlarm())).not.toBeNull();
  await fold();
  expect([await logIsEmpty(), await finishedInD1()]).toEqual([true, 8]);
});

test('with too many exchanges waiting for a commit the next is told so, and nothing is done', async () => {
  const lease = await hand.lease(id);
  await inside(id, (object) => Object.assign(object, { waiting: 2000 }));
  const request = { ...hand.device, results: [whole(lease, 0)], wants: null };
  expect(await objectAt(id).exchange(at(id), request)).toBe('busy');
  expect((await memoryOf(id)).ledger.doneRuns).toBe(0);
  await inside(id, (object) => Object.assign(object, { waiting: 0 }));
  expect((await hand.deliver(id, whole(lease, 0)))[0]?.verdict).toBe('accepted');
});

test('of very many volunteers so many are told at once as D1 takes, whatever they did', async () => {
  const most = Number.MAX_SAFE_INTEGER;
  const days = Array.from({ length: 30 }, (_, i) => [20_000 + i, 1e7 - 1, most - i] as const);
  await hand.lease(id);
  const volunteers = await inside(id, ({ opened: { desk }, tables }) => {
    const { state, log } = desk;
    for (let i = 0; i < 6000; i++) {
      const volunteerId = i.toString(16).padStart(32, '0');
      state.ledger.contributions.set(volunteerId, { runs: 1e7, credit: most, days });
      state.dirtyVolunteers.add(volunteerId);
    }
    return prepareProjection({ state, log, tables })?.volunteers ?? [];
  });
  expect(volunteers.length).toBeGreaterThan(100);
  // No text may be longer (developers.cloudflare.com/d1/platform/limits).
  expect(exactJson(volunteers).length).toBeLessThan(2_000_000);
});
