import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SweepReply } from '../../shared/protocol.ts';
import { breakBinding, inside, memoryOf, mend } from '../../test/api/inside.ts';
import {
  curveOf,
  dispatcher,
  env,
  FAST,
  get,
  newSweep,
  post,
  resultOf,
  Volunteer,
} from '../../test/api/world.ts';
import { upsertCells } from '../store/cells.ts';
import { setProgress } from '../store/sweeps.ts';
import { upsertContributions } from '../store/volunteers.ts';

let id: string;
let volunteer: Volunteer;
let number = 0;
let errors: ReturnType<typeof vi.spyOn>;

beforeEach(async () => {
  errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  id = await newSweep(`durable-${number++}`);
  volunteer = await Volunteer.join();
});
afterEach(() => errors.mockRestore());

const fold = () => runDurableObjectAlarm(dispatcher(id));
const logIsEmpty = () => inside(id, ({ tables }) => tables.logIsEmpty());
const finishedInD1 = () =>
  env.DB.prepare('SELECT finished_runs AS n FROM sweeps WHERE id = ?').bind(id).first<number>('n');
const page = () => get<SweepReply>(`/api/sweeps/${id}`);

const restarts: [string, () => Promise<void>][] = [
  ['evicted', () => evictDurableObject(dispatcher(id))],
  ['aborted', () => abortAllDurableObjects()],
];

describe.each(restarts)('an object that is %s', (_, restart) => {
  test('in the middle of a unit forgets neither results nor the lease', async () => {
    const lease = await volunteer.lease(id, FAST);
    await volunteer.deliver(resultOf(lease, 0), resultOf(lease, 3));
    const before = await memoryOf(id);
    await restart();
    expect(await memoryOf(id)).toEqual(before);
    expect(await volunteer.lease(id)).toMatchObject({ unit: lease.unit, runs: [1, 2, 4, 5, 6, 7] });
    expect(await (await volunteer.say('heartbeat', lease)).json()).toMatchObject({ leased: true });
    expect((await volunteer.deliver(resultOf(lease, 3)))[0]?.verdict).toBe('accepted');
  });

  test('after folding is the same, and goes on where it was', async () => {
    const lease = await volunteer.lease(id, FAST);
    await volunteer.deliver(resultOf(lease, 0), resultOf(lease, 3));
    await fold();
    const before = await memoryOf(id);
    const seq = await inside(id, ({ opened }) => opened.log.seq);
    expect(await logIsEmpty()).toBe(true);
    await restart();
    expect(await memoryOf(id)).toEqual(before);
    expect(await inside(id, ({ opened }) => opened.log.seq)).toBe(seq);
    await volunteer.finish(id);
    await fold();
    expect(await finishedInD1()).toBe(8);
  });

  test('between a fold and more results has both', async () => {
    const lease = await volunteer.lease(id, FAST);
    await volunteer.deliver(resultOf(lease, 0));
    await fold();
    await volunteer.deliver(resultOf(lease, 1));
    const before = await memoryOf(id);
    await restart();
    expect(await memoryOf(id)).toEqual(before);
    expect(before.records.map(({ run, place }) => [run, place.in])).toEqual([
      [0, 'segment'],
      [1, 'log'],
    ]);
  });

  test('with an unfolded log folds it by itself', async () => {
    await volunteer.lease(id);
    await inside(id, (_object, storage) => storage.deleteAlarm());
    await restart();
    expect(await inside(id, (_object, storage) => storage.getAlarm())).not.toBeNull();
  });
});

test('nobody is told of a result before it is stored, neither its sender nor a reader', async () => {
  const lease = await volunteer.lease(id);
  await inside(id, ({ opened: { log } }) => {
    log.flush = () => {};
  });
  let told = 0;
  const tell = () => told++;
  const answers = [volunteer.deliver(resultOf(lease, 0)).then(tell)];
  await vi.waitFor(async () => expect((await memoryOf(id)).ledger.doneRuns).toBe(1), { interval: 1 });
  answers.push(volunteer.deliver(resultOf(lease, 0)).then(tell), page().then(tell));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(told).toBe(0);
  await inside(id, ({ opened: { log } }) => {
    Reflect.deleteProperty(log, 'flush');
    log.flush();
  });
  await Promise.all(answers);
  expect(await inside(id, ({ tables }) => [...tables.log()].flatMap(({ row }) => row.records).length)).toBe(
    1,
  );
});

describe('a commit that fails', () => {
  test('is not acknowledged, and memory does not run ahead of storage', async () => {
    const lease = await volunteer.lease(id);
    const before = await memoryOf(id);
    const result = resultOf(lease, 0);
    await inside(id, ({ tables }) => {
      tables.atomically = () => {
        throw new Error('the disk is full');
      };
    });
    const request = { volunteerId: volunteer.id, deviceId: volunteer.deviceId, wants: null };
    const results = [{ ...result, curve: curveOf() }];
    const failure = await dispatcher(id)
      .exchange(id, { ...request, results })
      .then(String, String);
    expect(failure).toContain('a commit failed');
    expect(await memoryOf(id)).toEqual(before);
    expect((await volunteer.deliver(result))[0]?.verdict).toBe('accepted');
  });

  test('is tried again by the front door before the client hears of it', async () => {
    const lease = await volunteer.lease(id);
    await inside(id, ({ tables }) => {
      tables.atomically = () => {
        throw new Error('the disk is full');
      };
    });
    const reply = await post(
      '/api/work/exchange',
      volunteer.request({ results: [resultOf(lease, 0)] }),
      volunteer.token,
    );
    expect(await reply.json()).toMatchObject({ verdicts: [{ verdict: 'accepted' }] });
    expect((await page()).sweep.finishedRuns).toBe(1);
  });
});

describe('while R2 is down', () => {
  test('results are taken, shown and told to D1; they are folded once it is back', async () => {
    await volunteer.finish(id, (run) => curveOf({ loss: run + 1 }));
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
    await volunteer.finish(id);
    await breakBinding(id, 'BLOBS');
    await fold();
    const before = await memoryOf(id);
    await abortAllDurableObjects();
    expect(await memoryOf(id)).toEqual(before);
  });
});

test('a fold takes along what is decided and not yet stored', async () => {
  const { unit } = await volunteer.lease(id, FAST);
  const { id: volunteerId, deviceId } = volunteer;
  const results = [{ ...resultOf({ sweepId: id, unit }, 0), curve: curveOf() }];
  await inside(id, async (object) => {
    const exchanging = object.exchange(id, { volunteerId, deviceId, results, wants: null });
    const { ledger } = object.opened.state;
    while (ledger.doneRuns === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await object.alarm();
    await exchanging;
  });
  const before = await memoryOf(id);
  await abortAllDurableObjects();
  expect(await memoryOf(id)).toEqual(before);
});

test('what happens while a fold waits for R2 is neither folded nor lost', async () => {
  const lease = await volunteer.lease(id, FAST);
  await volunteer.deliver(resultOf(lease, 0, curveOf({ loss: 1 })));
  const gate = Promise.withResolvers<void>();
  await inside(id, (object) => {
    const put = async (...args: Parameters<R2Bucket['put']>) => {
      await gate.promise;
      return env.BLOBS.put(...args);
    };
    object.env = { ...object.env, BLOBS: { put } as unknown as R2Bucket };
  });
  const folding = fold();
  await volunteer.deliver(resultOf(lease, 1, curveOf({ loss: 2 })));
  gate.resolve();
  await folding;
  const before = await memoryOf(id);
  expect(before.records.map(({ run, place }) => [run, place.in])).toEqual([
    [0, 'segment'],
    [1, 'log'],
  ]);
  await abortAllDurableObjects();
  expect(await memoryOf(id)).toEqual(before);
  await volunteer.finish(id, (run) => curveOf({ loss: run + 1 }));
  await fold();
  expect((await page()).curves.map((curve) => curve['test.loss'][0])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

describe('a crash between the blob and the rows', () => {
  test('leaves everything in the log, to be folded again', async () => {
    await volunteer.finish(id, (run) => curveOf({ loss: run + 1 }));
    const before = await page();
    await inside(id, ({ tables }) => {
      tables.putSnapshot = () => {
        throw new Error('no room for a snapshot');
      };
    });
    await fold();
    const orphans = (await env.BLOBS.list({ prefix: `segments/${id}/` })).objects.length;
    expect([await logIsEmpty(), orphans]).toEqual([false, 1]);
    expect(await inside(id, ({ tables }) => [tables.page(0).length, tables.nextSegment()])).toEqual([0, 1]);
    await abortAllDurableObjects();
    await fold();
    expect(await logIsEmpty()).toBe(true);
    expect(await page()).toEqual(before);
  });
});

describe('while D1 is down', () => {
  test('work goes on, and D1 learns of it once it is back', async () => {
    const lease = await volunteer.lease(id, FAST);
    await breakBinding(id, 'DB');
    const results = lease.runs.map((run) => resultOf(lease, run));
    expect((await volunteer.deliver(...results)).every(({ verdict }) => verdict === 'accepted')).toBe(true);
    await fold();
    expect([await logIsEmpty(), await finishedInD1()]).toEqual([true, 0]);
    await mend(id);
    expect(await fold()).toBe(true);
    expect(await finishedInD1()).toBe(8);
    expect(
      await env.DB.prepare('SELECT count(*) AS n FROM cells WHERE sweep_id = ?').bind(id).first('n'),
    ).toBe(2);
    expect(await fold()).toBe(false);
  });

  test('a restart does not forget what D1 was not told', async () => {
    await volunteer.finish(id);
    await breakBinding(id, 'DB');
    await fold();
    await evictDurableObject(dispatcher(id));
    await fold();
    expect(await finishedInD1()).toBe(8);
    const cells = 'SELECT count(*) AS n FROM cells WHERE sweep_id = ?';
    expect(await env.DB.prepare(cells).bind(id).first('n')).toBe(2);
    const told = 'SELECT sum(runs) AS runs FROM contributions WHERE sweep_id = ? AND volunteer_id = ?';
    expect(await env.DB.prepare(told).bind(id, volunteer.id).first('runs')).toBe(8);
  });

  test('what is old never overwrites what is new', async () => {
    await volunteer.finish(id);
    await fold();
    const stored = async () => {
      const all = (table: string) =>
        env.DB.prepare(`SELECT * FROM ${table} WHERE sweep_id = ?`).bind(id).all();
      return [await finishedInD1(), (await all('cells')).results, (await all('contributions')).results];
    };
    const before = await stored();
    const old = await inside(id, ({ opened: { state } }) => state.aggregate(0));
    const cell = {
      cell: 0,
      label: 'old',
      values: [0],
      task: 'old',
      runs: 4,
      completedAtMs: null,
      sampleRun: null,
    };
    await setProgress(env.DB, id, 1, { finishedRuns: 3, failedRuns: 5 });
    await upsertCells(env.DB, id, 1, [{ ...cell, aggregate: { ...old, n: 1 } }]);
    await upsertContributions(env.DB, id, 1, [{ volunteerId: volunteer.id, runs: 1, credit: 1 }]);
    expect(await stored()).toEqual(before);
  });
});

test('an object with nothing to do sleeps', async () => {
  await volunteer.finish(id);
  await fold();
  expect(await inside(id, (_object, storage) => storage.getAlarm())).toBeNull();
});
