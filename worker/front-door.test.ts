import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { env, newSweep, resultOf, Volunteer } from '../test/api/world.ts';
import { forget } from './cache.ts';
import type { Env } from './env.ts';
import { exchange } from './front-door.ts';

let errors: ReturnType<typeof vi.spyOn>;
let volunteer: Volunteer;

beforeEach(async () => {
  errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  forget();
  await env.DB.prepare('DELETE FROM sweeps').run();
  volunteer = await Volunteer.join();
});
afterEach(() => errors.mockRestore());

/** The environment with one sweep's dispatcher out of order. */
const without = (sweepId: string): Env => {
  const broken = async () => {
    throw new Error('this dispatcher is in trouble');
  };
  const DISPATCHER = {
    idFromName: (name: string) => name,
    get: (name: string) =>
      name === sweepId ? { exchange: broken } : env.DISPATCHER.get(env.DISPATCHER.idFromName(name)),
  };
  return { ...env, DISPATCHER: DISPATCHER as unknown as Env['DISPATCHER'] };
};

test('one sweep in trouble does not keep devices from the work of others', async () => {
  const [broken, fine] = [await newSweep('in-trouble'), await newSweep('fine')];
  const { lease } = await exchange(without(broken), volunteer.id, volunteer.request({ wantsUnit: true }));
  expect(lease?.sweepId).toBe(fine);
});

test('a sweep in trouble is not taken for done', async () => {
  const broken = await newSweep('alone');
  const reply = await exchange(without(broken), volunteer.id, volunteer.request({ wantsUnit: true }));
  expect(reply).toMatchObject({ lease: null, allDone: false });
});

test('a result that could not be delivered is an error where there is no other work', async () => {
  const broken = await newSweep('undelivered');
  const results = [resultOf({ sweepId: broken, unit: 0 }, 0)];
  const request = volunteer.request({ results, wantsUnit: true });
  await expect(exchange(without(broken), volunteer.id, request)).rejects.toThrow('in trouble');
});

test('without the database a device goes on with the sweep it is in', async () => {
  const id = await newSweep('no-database');
  const first = await volunteer.lease(id);
  const DB = new Proxy({} as D1Database, {
    get: () => () => {
      throw new Error('D1 is down');
    },
  });
  const holds = { sweepId: id, unit: first.unit };
  const request = volunteer.request({ results: [resultOf(first, 0)], wantsUnit: true, holds });
  forget();
  const { verdicts, lease } = await exchange({ ...env, DB }, volunteer.id, request);
  expect([verdicts[0]?.verdict, lease?.runs]).toEqual(['accepted', [1]]);
  const lost = await exchange({ ...env, DB }, volunteer.id, volunteer.another().request({ wantsUnit: true }));
  expect(lost).toMatchObject({ lease: null, allDone: false });
});

test('a result that could not be delivered keeps nobody from other work, and is asked for again', async () => {
  const [broken, fine] = [await newSweep('undelivered-too'), await newSweep('other-work')];
  const results = [resultOf({ sweepId: broken, unit: 0 }, 0)];
  const request = volunteer.request({ results, wantsUnit: true, prefers: broken });
  const reply = await exchange(without(broken), volunteer.id, request);
  expect([reply.verdicts, reply.lease?.sweepId]).toEqual([[], fine]);
});
