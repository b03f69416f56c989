import { runDurableObjectAlarm } from 'cloudflare:test';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { LIMITS } from '../../shared/limits.ts';
import type {
  BoardsReply,
  ErrorReply,
  HomeReply,
  PostSweepReply,
  SweepReply,
  SweepSummary,
} from '../../shared/protocol.ts';
import { forget } from '../../worker/cache.ts';
import type { Env } from '../../worker/env.ts';
import app from '../../worker/index.ts';
import {
  call,
  dispatcher,
  env,
  FAST,
  get,
  newSweep,
  patch,
  post,
  preferring,
  researcher,
  resultOf,
  runsOf,
  tinySpec,
  Volunteer,
} from './world.ts';

let token: string;
let id: string;
let volunteer: Volunteer;
let number = 0;

const name = () => `changes-${number}`;

beforeEach(async () => {
  forget();
  for (const table of ['cells', 'sweeps']) await env.DB.prepare(`DELETE FROM ${table}`).run();
  number++;
  token = await researcher();
  id = await newSweep(name(), {}, { token });
  volunteer = await Volunteer.join();
});

async function change(wanted: object, sweepId = id): Promise<SweepSummary> {
  const reply = await patch(`/api/sweeps/${sweepId}`, wanted, token);
  if (reply.status !== 200) throw new Error(await reply.text());
  return reply.json();
}

async function refusal(wanted: object): Promise<ErrorReply['error']> {
  const reply = await patch(`/api/sweeps/${id}`, wanted, token);
  expect(reply.status).toBe(400);
  return ((await reply.json()) as ErrorReply).error;
}

const page = (sweepId = id) => get<SweepReply>(`/api/sweeps/${sweepId}`);
const wish = (who: Volunteer, sweepId = id) =>
  who.exchange({ wantsUnit: true, flopsPerSecond: FAST, prefers: preferring(sweepId) });
const verdictOf = async (...results: Parameters<Volunteer['deliver']>) =>
  (await volunteer.deliver(...results)).map(({ verdict }) => verdict);

describe('a paused sweep', () => {
  test('hands out nothing, lets go nobody, and takes what is finished', async () => {
    const lease = await volunteer.lease(id);
    expect((await change({ mode: 'paused' })).mode).toBe('paused');
    expect((await wish(await Volunteer.join())).lease).toBeNull();
    expect(await (await volunteer.say('heartbeat', lease, { progress: 1 })).json()).toMatchObject({
      leased: true,
    });
    expect((await volunteer.lease(id)).unit).toBe(lease.unit);
    expect(await verdictOf(resultOf(lease, 0))).toEqual(['accepted']);
    expect((await wish(volunteer)).lease).toBeNull();
    expect((await page()).sweep).toMatchObject({ mode: 'paused', finishedRuns: 1, failedRuns: 0 });
  });

  test('goes on when it is resumed', async () => {
    await change({ mode: 'paused' });
    await change({ mode: 'running' });
    expect(runsOf(await volunteer.lease(id, FAST))).toHaveLength(8);
  });

  test('is paused in stripes that nobody has asked yet', async () => {
    const striped = await newSweep(`striped-${number}`, {}, { token, stripes: 2 });
    await change({ mode: 'paused' }, striped);
    for (const stripe of [0, 1])
      expect((await dispatcher(striped, stripe).status({ sweepId: striped, stripe }))?.finishedRuns).toBe(0);
    expect((await wish(volunteer, striped)).lease?.sweepId).not.toBe(striped);
  });
});

describe('a cancelled sweep', () => {
  test('ends: what is free is given up, what somebody trains is still taken', async () => {
    const lease = await volunteer.lease(id);
    const free = await volunteer.another().lease(id);
    await volunteer.deliver(resultOf(free, 1));
    const left = await (await Volunteer.join()).lease(id);
    expect(left.unit).not.toBe(lease.unit);
    expect((await change({ mode: 'cancelled' })).mode).toBe('cancelled');
    expect(await verdictOf(resultOf(lease, 0))).toEqual(['accepted']);
    expect((await wish(volunteer)).lease).toBeNull();
    expect((await page()).sweep).toMatchObject({ mode: 'cancelled', finishedRuns: 2 });
  });

  test('stays so, however often it is asked', async () => {
    await change({ mode: 'cancelled' });
    expect((await change({ mode: 'cancelled' })).mode).toBe('cancelled');
    expect((await refusal({ mode: 'running' })).code).toBe('bad-request');
    expect((await refusal({ mode: 'paused' })).message).toContain('cancelled');
    expect((await refusal({ seeds: 9 })).message).toContain('no more runs');
    expect((await page()).sweep).toMatchObject({ mode: 'cancelled', runs: 8 });
  });
});

describe('a sweep that grows', () => {
  test('while a volunteer works on it keeps every run, the unit in hand and all results', async () => {
    const lease = await volunteer.lease(id, FAST);
    await volunteer.deliver(resultOf(lease, 0), resultOf(lease, 5));
    const before = (await page()).runs;
    expect(await change({ seeds: 6 })).toMatchObject({ runs: 12, cells: 2, finishedRuns: 2 });
    const after = await page();
    expect(after.runs.slice(0, 8)).toEqual(before);
    expect(after.runs.slice(8).map(({ seed, state }) => [seed, state])).toEqual([
      [4, 'waiting'],
      [4, 'waiting'],
      [5, 'waiting'],
      [5, 'waiting'],
    ]);
    expect(after.cells.map(({ runs }) => runs)).toEqual([6, 6]);
    const again = await volunteer.lease(id, FAST);
    expect([again.unit, runsOf(again)]).toEqual([lease.unit, [1, 2, 3, 4, 6, 7]]);
    const fresh = await volunteer.another().lease(id, FAST);
    expect([runsOf(fresh), fresh.sweepRuns]).toEqual([[8, 9, 10, 11], 12]);
    await volunteer.deliver(...runsOf(again).map((run) => resultOf(again, run)));
    await volunteer.deliver(...runsOf(fresh).map((run) => resultOf(fresh, run)));
    expect((await page()).sweep).toMatchObject({ finishedRuns: 12, runs: 12 });
  });

  test('says with how many runs it was posted, and when it last grew', async () => {
    expect(await change({ priority: 1 })).toMatchObject({ postedRuns: 8, grownAtMs: null });
    const { grownAtMs } = await change({ seeds: 6 });
    expect(Math.abs((grownAtMs ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(await change({ seeds: 6 })).toMatchObject({ postedRuns: 8, runs: 12, grownAtMs });
    expect((await page()).sweep).toMatchObject({ postedRuns: 8, grownAtMs });
  });

  test('after it was finished is open again', async () => {
    await volunteer.finish(id);
    expect((await wish(volunteer)).lease).toBeNull();
    await runDurableObjectAlarm(dispatcher(id));
    const told = async () => {
      const { openSweeps, finding } = await get<HomeReply>('/api/home');
      const { boards } = await get<BoardsReply>('/api/boards');
      return [openSweeps, finding !== null, boards[0]?.rows.map(({ runs }) => runs)];
    };
    expect(await told()).toEqual([0, true, [4, 4]]);
    await change({ seeds: 5 });
    expect(await told()).toEqual([1, false, [5, 5]]);
    expect(runsOf(await volunteer.lease(id, FAST))).toEqual([8, 9]);
  });

  test('is the same sweep to whoever posts its first spec again', async () => {
    const digest = (await page()).sweep.specDigest;
    await change({ seeds: 5 });
    const reply = await post('/api/sweeps', tinySpec(name()), token);
    expect([reply.status, (await reply.json()) as PostSweepReply]).toMatchObject([
      200,
      { id, created: false, runs: 10, cells: 2 },
    ]);
    expect((await page()).sweep.specDigest).toBe(digest);
  });

  test('may be asked to twice, and never shrinks', async () => {
    expect((await change({ seeds: 6 })).runs).toBe(12);
    expect((await change({ seeds: 6 })).runs).toBe(12);
    const { code, message, problems } = await refusal({ seeds: 5 });
    expect([code, message]).toEqual(['bad-spec', 'seeds: 5 is not allowed; use 6 or more.']);
    expect(problems).toHaveLength(1);
    expect((await page()).sweep.runs).toBe(12);
  });
});

describe('what is no change is refused in words that say what would be right:', () => {
  test.each([
    [{ priority: '3' }, ['priority', '"3"', 'a whole number from 1 to 3']],
    [{ seeds: -1 }, ['seeds', '-1', 'a whole number from 1 to 1000000']],
    [{ run_cap: 1.5 }, ['run_cap', '1.5', 'a whole number from 1 to 1000000']],
    [{ priorty: 3 }, ['priorty', '3', 'unknown key; did you mean priority?']],
    [{ retry: false }, ['retry', 'false', 'true']],
  ])('%j', async (wanted, [field, value, expected]) => {
    const { code, problems } = await refusal(wanted);
    expect([code, problems]).toEqual(['bad-request', [{ field, value, expected }]]);
  });

  test('a body that is no JSON', async () => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const reply = await call(`/api/sweeps/${id}`, { method: 'PATCH', headers, body: '{bad' });
    const { error } = (await reply.json()) as ErrorReply;
    expect([reply.status, error.message]).toEqual([400, 'The body is not valid JSON.']);
  });
});

test('what was given up is handed out again when its researcher asks, and not once the sweep is cancelled', async () => {
  for (let i = 0; i < LIMITS.attemptsPerUnitMax; i++) {
    const who = await Volunteer.join();
    await who.say('hand-back', await who.lease(id, FAST), { why: 'fault' });
  }
  expect((await page()).sweep).toMatchObject({ failedRuns: 8 });
  expect((await get<HomeReply>('/api/home')).plannedRuns).toBe(8);
  await runDurableObjectAlarm(dispatcher(id));
  expect((await get<HomeReply>('/api/home')).plannedRuns).toBe(0);
  expect(await change({ retry: true })).toMatchObject({ failedRuns: 0 });
  expect((await change({ retry: true })).mode).toBe('running');
  forget();
  await volunteer.finish(id);
  expect((await page()).sweep).toMatchObject({ failedRuns: 0, finishedRuns: 8 });
  await change({ mode: 'cancelled' });
  expect((await refusal({ retry: true })).message).toContain('nothing of it is handed out again');
});

test('planned are only runs that may still be finished', async () => {
  const lease = await volunteer.lease(id);
  await volunteer.deliver(resultOf(lease, 0));
  await runDurableObjectAlarm(dispatcher(id));
  expect((await get<HomeReply>('/api/home')).plannedRuns).toBe(8);
  await change({ mode: 'cancelled' });
  await runDurableObjectAlarm(dispatcher(id));
  expect(await get<HomeReply>('/api/home')).toMatchObject({ plannedRuns: 1, finishedRuns: 1 });
});

test('a change that fails in the middle is mended by asking again', async () => {
  const striped = await newSweep(`half-${number}`, {}, { token, stripes: 2 });
  const broken = async () => {
    throw new Error('this stripe is in trouble');
  };
  const DISPATCHER = {
    idFromName: (name: string) => name,
    get: (name: string) =>
      name === `${striped}:1`
        ? { grow: broken, change: broken }
        : env.DISPATCHER.get(env.DISPATCHER.idFromName(name)),
  };
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const body = JSON.stringify({ seeds: 6, mode: 'paused' });
  const init = { method: 'PATCH', headers, body };
  const inTrouble = { ...env, DISPATCHER } as unknown as Env;
  const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  expect((await app.request(`/api/sweeps/${striped}`, init, inTrouble)).status).toBe(500);
  errors.mockRestore();
  expect((await page(striped)).sweep).toMatchObject({ runs: 8, mode: 'running' });
  expect(await change({ seeds: 6, mode: 'paused' }, striped)).toMatchObject({ runs: 12, mode: 'paused' });
  expect((await page(striped)).runs).toHaveLength(12);
  await change({ mode: 'running' }, striped);
  await volunteer.finish(striped);
  expect((await page(striped)).sweep).toMatchObject({ runs: 12, finishedRuns: 12 });
});

test('priority is a share of the researcher’s devices', async () => {
  const other = await newSweep(`other-${number}`, { parameters: { seed: { min: 0, max: 999 } } }, { token });
  await change({ priority: 1 });
  expect((await change({ priority: 3 }, other)).priority).toBe(3);
  expect((await refusal({ priority: 4 })).code).toBe('bad-request');
  forget();
  const first = async (i: number) => {
    const device = new Volunteer(volunteer.id, volunteer.token, String(i).padStart(32, '0'));
    return (await device.exchange({ wantsUnit: true })).lease?.sweepId;
  };
  const devices = await Promise.all(Array.from({ length: 80 }, (_, i) => first(i)));
  expect(devices.filter((sweepId) => sweepId === other).length).toBeGreaterThan(44);
});
