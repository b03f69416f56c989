import { createScheduledController, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { BoardsReply, StatusReply } from '../../shared/protocol.ts';
import { AUDITS_KEPT } from '../../worker/audit.ts';
import { forget } from '../../worker/cache.ts';
import type { Env } from '../../worker/env.ts';
import app from '../../worker/index.ts';
import { curveOf, dispatcher, env, get, newSweep, post, researcher, Volunteer } from './world.ts';

const TABLES = ['cells', 'contributions', 'stripes', 'sweeps', 'audits'];
let token: string;
let id: string;
let number = 0;
let atMs = 1_000_000;

beforeEach(async () => {
  forget();
  await env.DB.batch(TABLES.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  token = await researcher();
  id = await newSweep(`audited-${number++}`, {}, { token });
  await (await Volunteer.join('Ada')).finish(id, (run) => curveOf({ tGen: 10 + run, loss: run }));
  await runDurableObjectAlarm(dispatcher(id));
});

/** What an hourly check finds. */
async function problems(bindings: Env = env): Promise<string[]> {
  const controller = createScheduledController({ scheduledTime: new Date(++atMs), cron: '17 * * * *' });
  await app.scheduled(controller, bindings);
  forget();
  const { audits } = await get<StatusReply>('/api/status');
  expect(audits[0]?.atMs).toBe(atMs);
  return audits[0]?.problems ?? [];
}

const inStorage = (change: (sql: SqlStorage) => void) =>
  runInDurableObject(dispatcher(id), (_, { storage }) => change(storage.sql));

async function bundle(): Promise<{ key: string; bytes: Uint8Array }> {
  const { objects } = await env.BLOBS.list({ prefix: `bundles/${id}/` });
  const key = objects[0]?.key;
  const object = key && (await env.BLOBS.get(key));
  if (!object) throw new Error('nothing was folded');
  return { key, bytes: new Uint8Array(await object.arrayBuffer()) };
}

const derived = async () => {
  const select = (table: string) => {
    const columns =
      table === 'cells' ? 'cell, label, axis_values, runs, aggregate' : 'volunteer_id, runs, credit';
    return env.DB.prepare(`SELECT ${columns} FROM ${table} WHERE sweep_id = ?`).bind(id).all();
  };
  const rows = await Promise.all(['cells', 'contributions'].map(select));
  return [rows.map(({ results }) => results), await get<BoardsReply>('/api/boards')];
};

describe('the hourly check', () => {
  test('finds nothing where all is well, and says what it looked at', async () => {
    expect(await problems()).toEqual([]);
    const { audits, finishedRuns } = await get<StatusReply>('/api/status');
    expect(audits[0]?.checked).toEqual({ sweeps: 1, runs: 8, curves: 8 });
    expect(finishedRuns).toBe(8);
  });

  test('finds a curve that was changed', async () => {
    const { key, bytes } = await bundle();
    bytes[40] = (bytes[40] as number) ^ 1;
    await env.BLOBS.put(key, bytes);
    expect((await problems()).join()).toMatch(/the curve of run \d .*not the one|cannot be read/);
  });

  test('finds a curve that is gone', async () => {
    await env.BLOBS.delete((await bundle()).key);
    expect((await problems()).join()).toMatch(/curve of run \d cannot be read/);
  });

  test('finds a record that was changed', async () => {
    await inStorage((sql) => {
      sql.exec(`UPDATE pages SET records = replace(records, '"credit":1', '"credit":7')`);
    });
    expect((await problems()).join()).toContain('P5');
  });

  test('finds a record that is gone', async () => {
    await inStorage((sql) => {
      sql.exec("UPDATE pages SET records = json_remove(records, '$[2]')");
    });
    expect((await problems()).join()).toMatch(/P[12]/);
  });

  test.each([
    ['UPDATE sweeps SET finished_runs = 9', 'finished runs in all'],
    ['UPDATE stripes SET failed_runs = 1', 'failed runs'],
    ['DELETE FROM stripes', 'finished runs'],
    ['UPDATE contributions SET runs = runs + 1', 'contributed runs'],
    ['DELETE FROM cells WHERE cell = 1', 'runs in cells'],
  ])('finds that D1 was changed (%s), and a rebuild mends it', async (sql, expected) => {
    const before = await derived();
    await env.DB.prepare(sql).run();
    expect((await problems()).join()).toContain(expected);
    expect((await post(`/api/sweeps/${id}/rebuild`, {}, token)).status).toBe(200);
    expect(await problems()).toEqual([]);
    expect(await derived()).toEqual(before);
  });

  test('goes on to other sweeps where one cannot be asked', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
    const other = await newSweep(`silent-${number++}`);
    const silent = () => {
      throw new Error('this dispatcher is in trouble');
    };
    const DISPATCHER = {
      idFromName: (name: string) => name,
      get: (name: string) =>
        name === other ? { audit: silent } : env.DISPATCHER.get(env.DISPATCHER.idFromName(name)),
    };
    expect(await problems({ ...env, DISPATCHER } as unknown as Env)).toEqual([
      `${other}: could not be checked`,
    ]);
    const { audits } = await get<StatusReply>('/api/status');
    expect(audits[0]?.checked.sweeps).toBe(1);
    errors.mockRestore();
  });

  test('takes the sweeps in turn, and keeps only so many outcomes', async () => {
    const many = env.DB.prepare(
      `INSERT INTO sweeps (id, name, title, spec, spec_digest, researcher_id, created_at, runs, cells, flops, stripes)
       SELECT 'copy-' || value, name, title, spec, spec_digest, researcher_id, 0, runs, cells, flops, 1
       FROM sweeps, json_each(?)`,
    );
    await many.bind(JSON.stringify(Array.from({ length: 25 }, (_, i) => 10_000_000 + i))).run();
    const audited = () => env.DB.prepare('SELECT count(*) AS n FROM sweeps WHERE audited_at > 0').first('n');
    await problems();
    expect(await audited()).toBe(20);
    await problems();
    expect(await audited()).toBe(26);
    const old = 'INSERT INTO audits SELECT value, 0, 0, 0, 0, ? FROM json_each(?)';
    await env.DB.prepare(old)
      .bind('[]', JSON.stringify(Array.from({ length: 300 }, (_, i) => i)))
      .run();
    await problems();
    expect(await env.DB.prepare('SELECT count(*) AS n FROM audits').first('n')).toBe(AUDITS_KEPT);
  });
});

test('a rebuild of a sweep in stripes gives what was there', async () => {
  id = await newSweep(`rebuilt-${number++}`, {}, { token, stripes: 2 });
  await (await Volunteer.join('Grace')).finish(id, (run) => curveOf({ tGen: 3 + 4 * run }));
  for (const stripe of [0, 1]) await runDurableObjectAlarm(dispatcher(id, stripe));
  const before = await derived();
  for (let i = 0; i < 2; i++) {
    const reply = await post(`/api/sweeps/${id}/rebuild`, {}, token);
    expect([reply.status, await reply.json()]).toMatchObject([200, { finishedRuns: 8, failedRuns: 0 }]);
    expect(await derived()).toEqual(before);
  }
});
