import { runDurableObjectAlarm } from 'cloudflare:test';
import { beforeEach, describe, expect, test } from 'vitest';
import type { BoardsReply, HomeReply } from '../../shared/protocol.ts';
import { forget } from '../../worker/cache.ts';
import { curveOf, dispatcher, env, FAST, get, newSweep, resultOf, Volunteer } from './world.ts';

beforeEach(async () => {
  forget();
  await env.DB.batch(
    ['cells', 'contributions', 'sweeps'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  );
});

const told = (id: string) => runDurableObjectAlarm(dispatcher(id));

test('an empty server says so', async () => {
  const nothing = {
    sweeps: 0,
    openSweeps: 0,
    finishedRuns: 0,
    plannedRuns: 0,
    volunteers: 0,
    devicesNow: 0,
    finding: null,
  };
  expect(await get<HomeReply>('/api/home')).toEqual(nothing);
  expect(await get<BoardsReply>('/api/boards')).toEqual({ boards: [] });
});

describe('boards', () => {
  test('rank the cells of one problem by median tGen, those that never generalise last', async () => {
    const id = await newSweep('ranked', {
      parameters: { 'optimizer.weightDecay': { values: [0, 1, 2] }, seed: { values: [0, 1] } },
    });
    const other = await newSweep('other-task', { task: { p: 7, trainFraction: 0.6 } });
    const volunteer = await Volunteer.join('Ada');
    const tGen = [null, 30, 10];
    await volunteer.finish(id, (run) => curveOf({ tGen: tGen[run % 3] ?? null }));
    await volunteer.finish(other);
    await Promise.all([told(id), told(other)]);
    const { boards } = await get<BoardsReply>('/api/boards');
    expect(boards.map(({ task }) => task)).toEqual([
      'addition modulo 5, unordered pairs, 95 % right',
      'addition modulo 7, unordered pairs, 95 % right',
    ]);
    expect(boards[0]?.rows.map(({ label, runs, aggregate }) => [label, runs, aggregate.tGen.median])).toEqual(
      [
        ['weight decay 2', 2, 10],
        ['weight decay 1', 2, 30],
        ['weight decay 0', 2, null],
      ],
    );
  });
});

describe('the first page', () => {
  test('shows the cell completed last, and the run in its middle', async () => {
    const id = await newSweep('finding', {
      parameters: { 'optimizer.weightDecay': { values: [0, 1] }, seed: { values: [0, 1, 2] } },
    });
    const volunteer = await Volunteer.join();
    const lease = await volunteer.lease(id, FAST);
    const at = (run: number) => curveOf({ tGen: [10, null, 30, null, 20, null][run] ?? null });
    await volunteer.deliver(...[0, 1, 2, 3].map((run) => resultOf(lease, run, at(run))));
    await told(id);
    expect(await get<HomeReply>('/api/home')).toMatchObject({
      finding: null,
      finishedRuns: 4,
      openSweeps: 1,
      devicesNow: 1,
    });
    forget();
    await volunteer.deliver(...[4, 5].map((run) => resultOf(lease, run, at(run))));
    await told(id);
    const home = await get<HomeReply>('/api/home');
    expect(home).toMatchObject({
      sweeps: 1,
      openSweeps: 0,
      finishedRuns: 6,
      plannedRuns: 6,
      volunteers: 1,
      devicesNow: 0,
    });
    // Cell 1 is complete too, but nothing in it generalised.
    expect(home.finding).toMatchObject({
      sweepId: id,
      cell: 0,
      label: 'weight decay 0',
      run: 4,
      runs: 3,
      task: 'addition modulo 5, unordered pairs, 95 % right',
    });
    expect(home.finding?.aggregate.tGen.median).toBe(20);
    expect(Math.abs((home.finding?.completedAtMs ?? 0) - Date.now())).toBeLessThan(60_000);
  });
});
