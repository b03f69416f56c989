import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Lease } from '../shared/work.ts';
import { givenSweep } from '../test/api/hand.ts';
import {
  env,
  FAST,
  newSweep,
  preferring,
  researcher,
  resultOf,
  runsOf,
  Volunteer,
} from '../test/api/world.ts';
import { forget } from './cache.ts';
import type { Env } from './env.ts';
import { ASK_AGAIN_MS, exchange } from './front-door.ts';
import type { WorkExchange } from './messages.ts';

let errors: ReturnType<typeof vi.spyOn>;
let volunteer: Volunteer;

beforeEach(async () => {
  errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  forget();
  await env.DB.prepare('DELETE FROM sweeps').run();
  volunteer = await Volunteer.join();
});
afterEach(() => errors.mockRestore());

const asking = (who: Volunteer, ask: Partial<WorkExchange>): WorkExchange => ({
  ...who.request(ask),
  continues: true,
});

/** The environment with one sweep's dispatcher out of order. */
const without = (sweepId: string, error = new Error('this dispatcher is in trouble')): Env =>
  answering(sweepId, async () => {
    throw error;
  });

const answering = (sweepId: string, exchange: () => Promise<unknown>): Env => {
  const DISPATCHER = {
    idFromName: (name: string) => name,
    get: (name: string) =>
      name === sweepId
        ? { exchange, heartbeat: exchange }
        : env.DISPATCHER.get(env.DISPATCHER.idFromName(name)),
  };
  return { ...env, DISPATCHER: DISPATCHER as unknown as Env['DISPATCHER'] };
};

test('one sweep in trouble does not keep devices from the work of others', async () => {
  const [broken, fine] = [await newSweep('in-trouble'), await newSweep('fine')];
  const { lease } = await exchange(without(broken), volunteer.id, asking(volunteer, { wantsUnit: true }));
  expect(lease?.sweepId).toBe(fine);
});

test('a sweep in trouble is not taken for done', async () => {
  const broken = await newSweep('alone');
  const reply = await exchange(without(broken), volunteer.id, asking(volunteer, { wantsUnit: true }));
  expect(reply).toMatchObject({ lease: null, allDone: false });
});

test('a result that could not be delivered is an error where there is no other work', async () => {
  const broken = await newSweep('undelivered');
  const results = [resultOf({ sweepId: broken, unit: 0 }, 0)];
  const request = asking(volunteer, { results, wantsUnit: true });
  await expect(exchange(without(broken), volunteer.id, request)).rejects.toThrow('in trouble');
});

test('without the database a device goes on with the sweep it is in', async () => {
  const id = await newSweep('no-database');
  const first = await volunteer.lease(id);
  const DB = NO_DB;
  const holds = { sweepId: id, unit: first.unit };
  const request = asking(volunteer, { results: [resultOf(first, 0)], wantsUnit: true, holds });
  forget();
  const { verdicts, lease } = await exchange({ ...env, DB }, volunteer.id, request);
  expect([verdicts[0]?.verdict, lease && runsOf(lease)]).toEqual(['accepted', [1]]);
  const lost = await exchange({ ...env, DB }, volunteer.id, asking(volunteer.another(), { wantsUnit: true }));
  expect(lost).toMatchObject({ lease: null, allDone: false });
});

const NO_DB = new Proxy({} as D1Database, {
  get: () => () => {
    throw new Error('D1 is down');
  },
});

describe('a device that holds a unit is told to come back, never that it has none,', () => {
  test('while the dispatcher of its unit is in trouble', async () => {
    const [id] = [await newSweep('trouble-holder'), await newSweep('trouble-other')];
    const holds = { sweepId: id, unit: (await volunteer.lease(id)).unit };
    for (const prefers of [null, preferring(id)]) {
      const request = asking(volunteer, { wantsUnit: true, holds, prefers });
      const reply = await exchange(without(id), volunteer.id, request);
      expect(reply).toMatchObject({ lease: null, allDone: false, busy: true });
    }
    const back = await exchange(env, volunteer.id, asking(volunteer, { wantsUnit: true, holds }));
    expect(back.lease).toMatchObject(holds);
  });

  test('while nobody can tell where its unit is', async () => {
    await newSweep('known');
    await exchange(env, volunteer.id, asking(volunteer, { wantsUnit: true }));
    const { id } = await givenSweep('nobody-knows');
    const holds = { sweepId: id, unit: 0 };
    const who = volunteer.another();
    const reply = await exchange({ ...env, DB: NO_DB }, who.id, asking(who, { wantsUnit: true, holds }));
    expect(reply).toMatchObject({ lease: null, allDone: false, busy: true });
    const later = await exchange(env, who.id, asking(who, { wantsUnit: true, holds }));
    expect([later.lease === null, later.busy]).toEqual([false, false]);
  });

  test('but not where another stripe of its sweep is in trouble', async () => {
    const id = await newSweep('other-stripe', {}, { stripes: 2 });
    const { lease } = await exchange(env, volunteer.id, asking(volunteer, { wantsUnit: true }));
    const name = (stripe: number) => (stripe === 0 ? id : `${id}:${stripe}`);
    const unit = lease?.unit ?? 0;
    const request = asking(volunteer, { wantsUnit: true, holds: { sweepId: id, unit } });
    const reply = await exchange(without(name(1 - (unit % 2))), volunteer.id, request);
    expect(reply.lease).toMatchObject({ sweepId: id, unit });
  });
});

test('without the database a result of a sweep that is not known here is kept, not refused', async () => {
  const { id } = await givenSweep('not-known-here');
  const results = [resultOf({ sweepId: id, unit: 0 }, 0)];
  const deliver = asking(volunteer, { results });
  await expect(exchange({ ...env, DB: NO_DB }, volunteer.id, deliver)).rejects.toThrow('D1 is down');
  const known = await newSweep('known-here');
  const lease = await volunteer.lease(known);
  const both = asking(volunteer, { results: [...results, resultOf(lease, 0)] });
  const reply = await exchange({ ...env, DB: NO_DB }, volunteer.id, both);
  expect(reply.verdicts.map(({ sweepId }) => sweepId)).toEqual([known]);
});

test('no stripe of a sweep is left out by who looks for a unit', async () => {
  const parameters = { 'optimizer.weightDecay': { values: [0, 1, 2, 3] } };
  const id = await newSweep('every-stripe', { parameters }, { stripes: 4 });
  for (let i = 0; i < 12; i++) {
    const asked = new Set<string>();
    const DISPATCHER = {
      idFromName: (name: string) => name,
      get: (name: string) => ({
        exchange: async () => {
          asked.add(name);
          return { verdicts: [], lease: null, isOver: true };
        },
      }),
    };
    const who = volunteer.another();
    const all = { ...env, DISPATCHER } as unknown as Env;
    const reply = await exchange(all, who.id, asking(who, { wantsUnit: true }));
    expect([[...asked].sort(), reply.allDone]).toEqual([[id, `${id}:1`, `${id}:2`, `${id}:3`], true]);
  }
});

test('a result that could not be delivered keeps nobody from other work, and is asked for again', async () => {
  const [broken, fine] = [await newSweep('undelivered-too'), await newSweep('other-work')];
  const results = [resultOf({ sweepId: broken, unit: 0 }, 0)];
  const request = asking(volunteer, { results, wantsUnit: true, prefers: preferring(broken) });
  const reply = await exchange(without(broken), volunteer.id, request);
  expect([reply.verdicts, reply.lease?.sweepId]).toEqual([[], fine]);
});

describe('busy is an answer, not an error:', () => {
  const overloaded = Object.assign(new Error('overloaded'), { overloaded: true, retryable: true });

  test('the device is asked to come back later, and keeps its results', async () => {
    const id = await newSweep('busy');
    const lease = await volunteer.lease(id);
    const request = asking(volunteer, { results: [resultOf(lease, 0)], wantsUnit: true });
    const reply = await exchange(without(id, overloaded), volunteer.id, request);
    expect(reply).toMatchObject({ verdicts: [], lease: null, allDone: false, busy: true });
    expect(reply.askAgainMs).toBeGreaterThanOrEqual(ASK_AGAIN_MS.busy);
    expect(reply.askAgainMs).toBeLessThanOrEqual(2 * ASK_AGAIN_MS.busy);
    const later = await exchange(env, volunteer.id, request);
    expect([later.verdicts.map(({ verdict }) => verdict), later.busy]).toEqual([['accepted'], false]);
  });

  test('also where a dispatcher says so itself', async () => {
    const id = await newSweep('says-so');
    const results = [resultOf({ sweepId: id, unit: 0 }, 0)];
    const request = asking(volunteer, { results, wantsUnit: true });
    const reply = await exchange(
      answering(id, async () => 'busy'),
      volunteer.id,
      request,
    );
    expect(reply).toMatchObject({ verdicts: [], lease: null, allDone: false, busy: true });
  });

  test('another sweep is asked instead', async () => {
    const [busy, fine] = [await newSweep('busy-too'), await newSweep('not-busy')];
    const request = asking(volunteer, { wantsUnit: true, prefers: preferring(busy) });
    const reply = await exchange(without(busy, overloaded), volunteer.id, request);
    expect([reply.lease?.sweepId, reply.busy]).toEqual([fine, false]);
  });

  test('but not while the device may hold a unit of the busy one', async () => {
    const [busy] = [await newSweep('busy-holder'), await newSweep('idle')];
    const { unit } = await volunteer.lease(busy);
    const request = asking(volunteer, { wantsUnit: true, holds: { sweepId: busy, unit } });
    const reply = await exchange(without(busy, overloaded), volunteer.id, request);
    expect([reply.lease, reply.busy]).toEqual([null, true]);
  });
});

describe('open sweeps share the devices', () => {
  const firstOf = async (who: Volunteer, ask: Partial<WorkExchange> = {}) =>
    (await exchange(env, who.id, asking(who, { wantsUnit: true, ...ask }))).lease?.sweepId;

  test('of two researchers alike', async () => {
    const ada = await researcher('Ada');
    const many = { parameters: { seed: { min: 0, max: 999 } } };
    for (const name of ['ada-1', 'ada-2', 'ada-3']) await newSweep(name, many, { token: ada });
    const grace = await newSweep('grace', many, { token: await researcher('Grace') });
    const counts = { ada: 0, grace: 0 };
    for (let i = 0; i < 100; i++) {
      const who = new Volunteer(volunteer.id, volunteer.token, String(i).padStart(32, '0'));
      counts[(await firstOf(who)) === grace ? 'grace' : 'ada']++;
    }
    expect(counts.grace).toBeGreaterThan(25);
    expect(counts.grace).toBeLessThan(75);
  });

  test('unless one prefers a researcher', async () => {
    await newSweep('of-ada', {}, { token: await researcher('Ada') });
    const grace = await newSweep('of-grace', {}, { token: await researcher('Grace') });
    const prefers = { sweepId: null, researcher: 'Grace' };
    for (let i = 0; i < 5; i++) expect(await firstOf(volunteer.another(), { prefers })).toBe(grace);
  });

  test('unless one prefers a phenomenon, as long as there is work on it', async () => {
    const ticket = await newSweep('wished', { phenomenon: 'lottery-tickets' });
    const other = await newSweep('unwished');
    const prefers = { sweepId: null, researcher: null, phenomenon: 'lottery-tickets' } as const;
    const ask = (who: Volunteer) =>
      exchange(env, who.id, asking(who, { wantsUnit: true, flopsPerSecond: FAST, prefers }));
    const { lease } = await ask(volunteer);
    expect(lease?.sweepId).toBe(ticket);
    if (lease) await volunteer.deliver(...runsOf(lease).map((run) => resultOf(lease, run)));
    // Whatever there is, rather than nothing.
    expect((await ask(volunteer)).lease?.sweepId).toBe(other);
  });

  test('also where a device names the unit it has just finished', async () => {
    const runs = { parameters: { seed: { min: 0, max: 99 } } };
    await newSweep('one-ada', runs, { token: await researcher('Ada') });
    const grace = await newSweep('one-grace', runs, { token: await researcher('Grace') });
    let { lease } = await exchange(env, volunteer.id, asking(volunteer, { wantsUnit: true }));
    let byGrace = 0;
    for (let i = 0; i < 60 && lease; i++) {
      const { sweepId, unit } = lease;
      if (sweepId === grace) byGrace++;
      const results = runsOf(lease).map((run) => resultOf(lease as Lease, run));
      const ask = { results, wantsUnit: true, holds: { sweepId, unit } };
      const reply = await exchange(env, volunteer.id, asking(volunteer, ask));
      expect(reply.verdicts.map(({ verdict }) => verdict)).toEqual(['accepted']);
      lease = reply.lease;
    }
    expect(byGrace).toBeGreaterThan(10);
    expect(byGrace).toBeLessThan(50);
  });

  test('but who is in the middle of a unit gets that one', async () => {
    for (const name of ['x', 'y', 'z']) await newSweep(`middle-${name}`);
    const { lease } = await exchange(
      env,
      volunteer.id,
      asking(volunteer, { wantsUnit: true, flopsPerSecond: FAST }),
    );
    if (!lease) throw new Error('no lease');
    const { sweepId, unit } = lease;
    for (const run of runsOf(lease).slice(1)) {
      const ask = { results: [resultOf(lease, run)], wantsUnit: true, holds: { sweepId, unit } };
      const next = (await exchange(env, volunteer.id, asking(volunteer, ask))).lease;
      expect([next?.sweepId, next?.unit]).toEqual([sweepId, unit]);
    }
  });

  test('and who asks again, because the reply was lost, gets the same unit', async () => {
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) ids.push(await newSweep(`again-${name}`));
    vi.useFakeTimers({ toFake: ['Date'], now: 1e12 });
    const first = await exchange(env, volunteer.id, asking(volunteer, { wantsUnit: true }));
    vi.setSystemTime(1e12 + 5000);
    forget();
    const second = await exchange(env, volunteer.id, asking(volunteer, { wantsUnit: true }));
    vi.useRealTimers();
    expect([second.lease?.sweepId, second.lease?.unit]).toEqual([first.lease?.sweepId, first.lease?.unit]);
  });

  test('and an exchange asks the database nothing that was asked a moment ago', async () => {
    const id = await newSweep('no-queries');
    await exchange(env, volunteer.id, asking(volunteer, { wantsUnit: true }));
    const results = [resultOf({ sweepId: id, unit: 0 }, 0)];
    let queries = 0;
    const DB = new Proxy(env.DB, { get: () => queries++ });
    await exchange({ ...env, DB }, volunteer.id, asking(volunteer, { results, wantsUnit: true }));
    expect(queries).toBe(0);
  });
});
