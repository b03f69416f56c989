import { runDurableObjectAlarm } from 'cloudflare:test';
import { beforeEach, describe, expect, test } from 'vitest';
import type { BoardsReply, RunReply, SweepReply } from '../../shared/protocol.ts';
import type { ContributorsReply } from '../../shared/volunteers.ts';
import { forget } from '../../worker/cache.ts';
import { ownStripe } from '../../worker/places.ts';
import { curveOf, dispatcher, env, get, newSweep, resultOf, runsOf, Volunteer } from './world.ts';

const STRIPES = 3;
const parameters = { 'optimizer.weightDecay': { values: [0, 1, 2, 3] }, seed: { values: [0, 1, 2] } };
const curve = (run: number) => curveOf({ tGen: run % 4 === 1 ? null : 2 + run, loss: 1 + run / 7 });

beforeEach(async () => {
  forget();
  const tables = ['cells', 'contributions', 'stripes', 'sweeps'];
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

async function told(id: string, stripes: number): Promise<void> {
  for (let stripe = 0; stripe < stripes; stripe++) await runDurableObjectAlarm(dispatcher(id, stripe));
}

/** Everything a reader sees of a sweep, without its name and the times. */
async function seen(id: string) {
  const { sweep, cells, runs, curves } = await get<SweepReply>(`/api/sweeps/${id}`);
  const { boards } = await get<BoardsReply>('/api/boards');
  forget();
  const { allTime } = await get<ContributorsReply>('/api/contributors');
  const one = await get<RunReply>(`/api/sweeps/${id}/runs/7`);
  return {
    numbers: [sweep.runs, sweep.finishedRuns, sweep.failedRuns, sweep.trainingRuns],
    ...{ cells, curves, curve: one.curve, values: one.values },
    runs: runs.map(({ finishedAtMs: _, ...run }) => run),
    boards: boards.map(({ task, rows }) => [
      task,
      rows.map(({ cell, label, aggregate }) => [cell, label, aggregate]),
    ]),
    contributors: allTime,
    progress: await env.DB.prepare('SELECT finished_runs, failed_runs FROM sweeps WHERE id = ?')
      .bind(id)
      .first(),
  };
}

test('a sweep in stripes ends like one in a single piece, with the same aggregates, boards and credit', async () => {
  const volunteer = await Volunteer.join();
  const views = [];
  for (const stripes of [1, STRIPES]) {
    const id = await newSweep(`piece-${stripes}`, { parameters }, { stripes });
    await volunteer.finish(id, curve);
    await told(id, stripes);
    views.push(await seen(id));
    await env.DB.batch(['cells', 'contributions'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  }
  expect(views[1]).toEqual(views[0]);
  expect(views[0]?.numbers).toEqual([12, 12, 0, 0]);
});

describe('in a sweep of several stripes', () => {
  let number = 0;
  let id: string;
  let volunteer: Volunteer;
  beforeEach(async () => {
    id = await newSweep(`striped-${number++}`, { parameters }, { stripes: STRIPES });
    volunteer = await Volunteer.join();
  });

  test('a volunteer begins at a stripe of their own, and goes on at the others', async () => {
    const stripes: number[] = [];
    for (let i = 0; i < STRIPES; i++) {
      const lease = await volunteer.another().lease(id, 1e15);
      expect(new Set(runsOf(lease).map((run) => (run % 4) % STRIPES))).toEqual(
        new Set([lease.unit % STRIPES]),
      );
      stripes.push(lease.unit % STRIPES);
    }
    expect(stripes[0]).toBe(ownStripe(volunteer.id, STRIPES));
    expect(stripes.sort()).toEqual([0, 1, 2]);
  });

  test('results, heartbeats and hand-backs find the stripe of their unit', async () => {
    const devices = [volunteer, volunteer.another(), volunteer.another()];
    const leases = [];
    for (const device of devices) leases.push(await device.lease(id, 1e15));
    const results = leases.map((lease) => resultOf(lease, runsOf(lease)[0] as number));
    const verdicts = await volunteer.deliver(...results);
    expect(verdicts.map(({ run, verdict }) => [run, verdict])).toEqual(
      results.map(({ run }) => [run, 'accepted']),
    );
    for (const [i, device] of devices.entries()) {
      const lease = leases[i] as (typeof leases)[number];
      const beat = async () => (await device.say('heartbeat', lease, { progress: 1 })).json();
      expect(await beat()).toMatchObject({ leased: true });
      expect((await device.say('hand-back', lease)).status).toBe(200);
      expect(await beat()).toMatchObject({ leased: false });
    }
    expect((await get<SweepReply>(`/api/sweeps/${id}`)).sweep.finishedRuns).toBe(3);
  });
});
