// What a device and a researcher are told while something on the server gives way.

import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ErrorReply } from '../../shared/protocol.ts';
import { audit } from '../../worker/audit.ts';
import { forget } from '../../worker/cache.ts';
import { type Given, givenSweep, Hand, segment, WHOLE, whole } from './hand.ts';
import { at, breakBinding, inside, mend, objectAt } from './inside.ts';
import { env, FAST, newSweep, patch, post, researcher, resultOf, Volunteer } from './world.ts';

let number = 0;
beforeEach(async () => {
  forget();
  vi.spyOn(console, 'error').mockImplementation(() => {});
  for (const table of ['cells', 'contributions', 'stripes', 'sweeps'])
    await env.DB.prepare(`DELETE FROM ${table}`).run();
});

describe('while the store of states cannot be asked', () => {
  let given: Given;
  beforeEach(async () => {
    given = await givenSweep(`no-store-${number++}`);
  });

  test('a segment gets no verdict, and is accepted when it is sent again', async () => {
    const { id } = given;
    const hand = new Hand(1);
    const lease = await hand.lease(id, WHOLE);
    const part = await segment(given, lease, { run: 0, from: 0, to: 20 });
    const rest = whole(lease, 0, { from: 20 });
    await breakBinding(id, 'BLOBS');
    expect(await hand.deliver(id, part, whole(lease, 1), rest)).toMatchObject([
      null,
      { verdict: 'accepted' },
      null,
    ]);
    await mend(id);
    const verdicts = await hand.deliver(id, part, whole(lease, 1), rest);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(Array(3).fill('accepted'));
  });

  test('a device hears of its other results only', async () => {
    const id = await newSweep(`no-store-${number++}`);
    const volunteer = await Volunteer.join();
    const lease = await volunteer.lease(id, FAST);
    const [part, other] = [0, 1].map((run) => resultOf(lease, run));
    const results = [{ ...part, to: 20, end: [1, 1, 1, 1], checkpoint: '0'.repeat(64) }, other] as never[];
    await breakBinding(id, 'BLOBS');
    expect(await volunteer.deliver(...results)).toMatchObject([{ run: 1, verdict: 'accepted' }]);
  });
});

describe('a sweep that was cancelled while D1 was down', () => {
  const stripes = 2;
  let token: string;
  let id: string;
  beforeEach(async () => {
    token = await researcher();
    id = await newSweep(`half-cancelled-${number++}`, {}, { token, stripes });
    // One dispatcher was told, and then everything stopped.
    await objectAt(id).open(at({ sweepId: id, stripe: 0 }));
    await objectAt({ sweepId: id, stripe: 1 }).change({ sweepId: id, stripe: 1 }, 'cancelled');
  });
  const modes = async () => {
    const places = [0, 1].map((stripe) => ({ sweepId: id, stripe }));
    const standings = await Promise.all(places.map((place) => objectAt(place).status(place)));
    const row = await env.DB.prepare('SELECT mode FROM sweeps WHERE id = ?').bind(id).first('mode');
    return [row, ...standings.map((one) => one?.mode)];
  };

  test('is found by the hourly check', async () => {
    expect(await modes()).toEqual(['running', 'running', 'cancelled']);
    const { problems } = await audit(env, 1);
    expect(problems).toEqual([`${id}: D1 says running, the dispatcher of stripe 1 cancelled`]);
  });

  test.each([{ mode: 'running' }, { mode: 'paused' }, { seeds: 6 }])(
    'stays so, and all know it, whatever is wished: %j',
    async (wanted) => {
      const reply = await patch(`/api/sweeps/${id}`, wanted, token);
      const { error } = (await reply.json()) as ErrorReply;
      expect([reply.status, error.message]).toEqual([400, 'The sweep was cancelled, and stays so.']);
      expect(await modes()).toEqual(['cancelled', 'cancelled', 'cancelled']);
      expect((await audit(env, 1)).problems).toEqual([]);
    },
  );

  test('is cancelled when that is asked for again', async () => {
    expect((await patch(`/api/sweeps/${id}`, { mode: 'cancelled' }, token)).status).toBe(200);
    expect(await modes()).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });
});

describe('a rebuild', () => {
  let token: string;
  let id: string;
  const cells = async () =>
    (await env.DB.prepare('SELECT cell, runs FROM cells WHERE sweep_id = ? ORDER BY cell').bind(id).all())
      .results;
  const names = async () =>
    (await env.DB.prepare('SELECT volunteer_id AS id FROM contributions WHERE sweep_id = ?').bind(id).all())
      .results;
  let before: unknown[];

  beforeEach(async () => {
    token = await researcher();
    id = await newSweep(`rebuilt-after-${number++}`, {}, { token });
    await (await Volunteer.join()).finish(id);
    await inside(id, ({ opened }) => opened.chores.fold(Date.now()));
    await inside(id, ({ opened }) => opened.chores.tell(Date.now()));
    before = [await cells(), await names()];
  });

  test('that is interrupted is finished by the dispatcher’s alarm, also after a restart', async () => {
    await env.DB.prepare('DELETE FROM cells WHERE sweep_id = ? AND cell = 1').bind(id).run();
    await breakBinding(id, 'DB');
    expect((await post(`/api/sweeps/${id}/rebuild`, {}, token)).status).toBe(500);
    await evictDurableObject(objectAt(id));
    await inside(id, (object) => object.alarm());
    await runDurableObjectAlarm(objectAt(id));
    expect([await cells(), await names()]).toEqual(before);
  });

  test('shows what there was until it is told anew, and leaves nothing that does not follow from the results', async () => {
    const insert = 'INSERT INTO contributions (sweep_id, stripe, volunteer_id, runs, credit, seq)';
    const stray = (stripe: number) =>
      env.DB.prepare(`${insert} VALUES (?, ?, 'stray', 7, 7, 1e9)`).bind(id, stripe).run();
    await stray(0);
    await stray(9);
    await env.DB.prepare('UPDATE cells SET runs = 99, seq = 1e9 WHERE sweep_id = ?').bind(id).run();
    await breakBinding(id, 'DB');
    await post(`/api/sweeps/${id}/rebuild`, {}, token);
    expect(await cells()).toHaveLength(2);
    await mend(id);
    expect((await post(`/api/sweeps/${id}/rebuild`, {}, token)).status).toBe(200);
    expect([await cells(), await names()]).toEqual(before);
  });
});
