import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../shared/limits.ts';
import type { PostSweepReply, RunReply, SweepReply, SweepSummary } from '../../shared/protocol.ts';
import { forget } from '../../worker/cache.ts';
import { call, curveOf, get, newSweep, post, researcher, tinySpec, Volunteer } from './world.ts';

beforeEach(() => forget());

describe('posting', () => {
  test('the same spec twice, as JSON and as YAML, is one sweep', async () => {
    const token = await researcher();
    const first = await post('/api/sweeps', tinySpec('twice'), token);
    const { id, ...rest } = (await first.json()) as PostSweepReply;
    expect([first.status, rest]).toEqual([201, { created: true, runs: 8, cells: 2, url: `/sweeps/${id}` }]);
    expect(id).toMatch(/^twice-[0-9a-f]{8}$/);
    const yaml = `
name: twice
title: Tiny sweep twice
task: { p: 5, trainFraction: 0.6 }
model: { embedding: 4, hidden: 4 }
optimizer: { lr: 0.01, weightDecay: 1 }
train: { steps: 40 }
parameters: { optimizer.weightDecay: { values: [0, 1] }, seed: { values: [0, 1, 2, 3] } }`;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/yaml' };
    const second = await call('/api/sweeps', { method: 'POST', headers, body: yaml });
    expect([second.status, await second.json()]).toEqual([200, { ...rest, id, created: false }]);
    const { sweeps } = await get<{ sweeps: SweepSummary[] }>('/api/sweeps');
    expect(sweeps.filter(({ name }) => name === 'twice')).toHaveLength(1);
  });

  test('a new sweep is there at once, with nothing finished', async () => {
    const id = await newSweep('fresh');
    const { sweep, cells, runs, curves, nextRun } = await get<SweepReply>(`/api/sweeps/${id}`);
    expect(sweep).toMatchObject({
      id,
      researcher: 'Ada',
      runs: 8,
      cells: 2,
      finishedRuns: 0,
      trainingRuns: 0,
    });
    expect(sweep.axes).toEqual([{ path: 'optimizer.weightDecay', count: 2 }]);
    expect(cells.map(({ values, runs: planned, aggregate }) => [values, planned, aggregate.n])).toEqual([
      [[0], 4, 0],
      [[1], 4, 0],
    ]);
    expect(runs.map(({ state }) => state)).toEqual(Array(8).fill('waiting'));
    expect([curves, nextRun]).toEqual([[], null]);
  });
});

describe('reading', () => {
  test('a sweep shows who is training what, and what became of it', async () => {
    const id = await newSweep('shown');
    const volunteer = await Volunteer.join('Grace');
    const lease = await volunteer.lease(id);
    const training = await get<SweepReply>(`/api/sweeps/${id}`);
    expect(training.runs.map(({ state }) => state === 'training')).toEqual([true, ...Array(7).fill(false)]);
    expect(training.sweep.trainingRuns).toBe(lease.runs.length);
    await volunteer.finish(id, (run) =>
      curveOf({ tMem: 2, tGen: run % 2 === 0 ? null : run, loss: run + 0.1 }),
    );
    const { cells, runs, curves } = await get<SweepReply>(`/api/sweeps/${id}`);
    expect(cells.map(({ aggregate }) => aggregate.generalised)).toEqual([0, 4]);
    expect(cells[0]?.aggregate).toMatchObject({ n: 4, censored: 4, tGen: { median: null } });
    expect(cells[1]?.aggregate.tGen.median).toBe(4);
    expect(runs.every(({ state, volunteer: name }) => state === 'finished' && name === 'Grace')).toBe(true);
    expect(curves.map(({ run, ...curve }) => [run, curve['train.loss'][0]])).toEqual(
      Array.from({ length: 8 }, (_, run) => [run, run + 0.1]),
    );
    const one = await get<RunReply>(`/api/sweeps/${id}/runs/3`);
    expect(one.curve).toEqual(curves[3]);
    expect(one.run).toEqual(runs[3]);
    expect(one).toMatchObject({
      values: [1],
      axes: ['optimizer.weightDecay'],
      config: { optimizer: { weightDecay: 1 } },
    });
  });

  test('pages join up, and those with curves hold fewer runs', async () => {
    const id = await newSweep('pages', { parameters: { seed: { min: 0, max: 2499 } } });
    const sizes = async (query: string) => {
      const all: number[] = [];
      const pages: number[] = [];
      for (let from: number | null = 0; from !== null; ) {
        const page: SweepReply = await get<SweepReply>(`/api/sweeps/${id}?${query}&from=${from}`);
        pages.push(page.runs.length);
        all.push(...page.runs.map(({ index }) => index));
        from = page.nextRun;
      }
      expect(all).toEqual(Array.from({ length: 2500 }, (_, i) => i));
      return pages;
    };
    expect(await sizes('curves=false')).toEqual([1000, 1000, 500]);
    expect(await sizes('curves=true&count=700')).toHaveLength(Math.ceil(2500 / LIMITS.curvesPerPageMax));
  });

  test('a sweep with very many cells shows those of the page', async () => {
    const id = await newSweep('cells', {
      parameters: { 'optimizer.weightDecay': { min: 0, max: 100 }, 'init.scale': { min: 1, max: 50 } },
    });
    const { sweep, cells } = await get<SweepReply>(`/api/sweeps/${id}?from=100&count=3&curves=false`);
    expect(sweep.cells).toBe(5050);
    expect(cells.map(({ cell }) => cell)).toEqual([100, 101, 102]);
  });

  test('volunteers without a name are called by the start of their id', async () => {
    const id = await newSweep('nameless');
    const volunteer = await Volunteer.join();
    await volunteer.finish(id);
    const { run } = await get<RunReply>(`/api/sweeps/${id}/runs/0`);
    expect(run.volunteer).toBe(`anonymous ${volunteer.id.slice(0, 4)}`);
  });

  test.each([
    '/api/sweeps/no-such-00000000',
    '/api/sweeps/x',
    '/api/sweeps/no-such-00000000/runs/0',
    '/api/sweeps/%00/runs/0',
  ])('%s is not there', async (path) => {
    expect((await call(path)).status).toBe(404);
  });

  test.each(['8', '-1', '1.5', 'x', '99999999999'])('there is no run %s of eight', async (index) => {
    const id = await newSweep('eight').catch(
      async () =>
        (await get<{ sweeps: SweepSummary[] }>('/api/sweeps')).sweeps.find(({ name }) => name === 'eight')
          ?.id,
    );
    expect((await call(`/api/sweeps/${id}/runs/${index}`)).status).toBe(404);
    expect((await call(`/api/sweeps/${id}/runs/7`)).status).toBe(200);
  });

  test.each(['from=-1', 'from=x', 'count=1e3', 'curves=maybe'])(
    'a query with %s is refused',
    async (query) => {
      const id = await newSweep(`query-${query.replaceAll(/[^a-z0-9]/g, '')}`);
      expect((await call(`/api/sweeps/${id}?${query}`)).status).toBe(400);
    },
  );
});
