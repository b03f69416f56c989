import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Training } from '../../shared/engine/engine.ts';
import { evaluationSteps } from '../../shared/spec/evaluation-grid.ts';
import { readSweep, runAt } from '../../shared/spec/sweep.ts';
import { type FakeOptions, fakeEngine } from '../../test/fake-engine.ts';
import { Control } from './control.ts';
import { Pace, Stamina } from './pace.ts';
import type { SegmentPlan } from './record.ts';
import { type TrainOptions, trainRuns } from './train.ts';

const STEPS = 400;

function trainings(parameters: object, count: number): Training[] {
  const checked = readSweep({
    name: 'test',
    title: 'A test',
    task: { p: 7, trainFraction: 0.5 },
    model: { embedding: 2, hidden: 2 },
    optimizer: { lr: 0.1 },
    train: { steps: STEPS },
    parameters,
  });
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return Array.from({ length: count }, (_, i) => runAt(checked.value, i));
}

const seeds = (count: number) => trainings({ seed: { min: 0, max: 7 } }, count);

/** Every look at the clock takes this long. */
let tickMs = 0;
beforeEach(() => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += tickMs;
    return now;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  tickMs = 0;
});

type More = Partial<TrainOptions> & { replicas?: number };

/** Trains to the end; what came out, and what was told meanwhile. */
async function train(options: FakeOptions, more: More = {}) {
  const engine = fakeEngine(options);
  const told = { groups: [] as number[][], mishaps: [] as string[], steps: [] as number[] };
  const training = trainRuns({
    chosen: () => ({ engine, replicas: more.replicas ?? 4 }),
    ...{ trainings: seeds(4), control: new Control(), stamina: new Stamina() },
    onGroup: (indices) => told.groups.push(indices),
    onPoints: (points) => told.steps.push(...points.map(({ step }) => step)),
    onMishap: (words) => told.mishaps.push(words),
    ...more,
  });
  const runs = [];
  for await (const group of training) runs.push(...group.runs);
  return { ...told, runs };
}

test('every run of a group is evaluated on the whole grid', async () => {
  const { runs, groups } = await train({});
  expect(groups).toEqual([[0, 1, 2, 3]]);
  for (const { curve } of runs) expect(curve.steps).toEqual(evaluationSteps(STEPS));
  expect(runs.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  expect(new Set(runs.map(({ weightsDigest }) => weightsDigest)).size).toBe(4);
});

test('the time of a group is shared by its runs', async () => {
  tickMs = 10;
  const { runs } = await train({});
  const [alone] = (await train({}, { trainings: seeds(1) })).runs;
  for (const { elapsedMs } of runs) expect(elapsedMs).toBeCloseTo((alone?.elapsedMs as number) / 4, 6);
});

test('only runs of one shape are trained together, wherever they stand in the unit', async () => {
  const kinds = { 'optimizer.kind': { values: ['adamw', 'adam'] }, seed: { values: [0, 1] } };
  const { groups } = await train({}, { trainings: trainings(kinds, 4) });
  expect(groups).toEqual([
    [0, 2],
    [1, 3],
  ]);
});

test('a group goes on while one of its runs is finite, and ends with the last', async () => {
  const { runs, steps } = await train({ diverges: [0, 2] });
  expect(runs.map(({ curve }) => curve.divergedAt)).toEqual([2, null, 2, null]);
  expect(runs.map(({ curve }) => curve.steps.length)).toEqual([
    2,
    evaluationSteps(STEPS).length,
    2,
    steps.length,
  ]);
  const all = await train({ diverges: [0, 1, 2, 3] });
  expect(all.steps.at(-1)).toBeLessThan(STEPS);
  expect(new Set(all.runs.map(({ weightsDigest }) => weightsDigest)).size).toBe(1);
});

test('a lost device is prepared again, and the group goes on from its last checkpoint', async () => {
  // A checkpoint is due after ten seconds: within a few chunks.
  tickMs = 1500;
  let losses = 0;
  const prepared: number[] = [];
  const { runs, mishaps, groups } = await train({
    loses: (step) => step >= 20 && losses++ === 0,
    onPrepare: ({ length }) => prepared.push(length),
  });
  expect(prepared).toEqual([4, 4]);
  expect(groups).toEqual([
    [0, 1, 2, 3],
    [0, 1, 2, 3],
  ]);
  const [, from] =
    mishaps[0]?.match(/^Going on from step (\d+): the device was lost: somebody pulled it out$/) ?? [];
  expect(Number(from)).toBeGreaterThan(0);
  for (const { curve } of runs) expect(curve.steps).toEqual(evaluationSteps(STEPS));
});

test('a device lost before the first checkpoint starts again', async () => {
  let losses = 0;
  const { runs, mishaps } = await train({ loses: (step) => step >= 5 && losses++ === 0 });
  expect(mishaps[0]).toContain('Going on from step 0');
  for (const { curve } of runs) expect(curve.steps).toEqual(evaluationSteps(STEPS));
});

test('what a run did after its checkpoint is forgotten with the device, also that it diverged', async () => {
  tickMs = 1500;
  let losses = 0;
  const { runs, mishaps } = await train({
    diverges: [1],
    divergesAt: 20,
    loses: (step) => step >= 20 && losses++ === 0,
  });
  const from = Number(mishaps[0]?.match(/^Going on from step (\d+)/)?.[1]);
  expect(from).toBeGreaterThan(0);
  expect(from).toBeLessThan(19);
  const grid = evaluationSteps(STEPS);
  expect(runs.map(({ curve }) => curve.divergedAt)).toEqual([null, 20, null, null]);
  expect(runs[1]?.curve.steps).toEqual(grid.filter((step) => step < 20));
  expect(runs[0]?.curve.steps).toEqual(grid);
});

test('checkpoints that would fill the memory are not kept', async () => {
  tickMs = 1500;
  const goingOn = async (checkpointBytes: number) => {
    let [losses, saved] = [0, 0];
    const { mishaps } = await train({
      checkpointBytes,
      loses: (step) => step >= 40 && losses++ === 0,
      fails: (call) => {
        if (call === 'save' && losses === 0) saved++;
        return false;
      },
    });
    return { fromStep0: mishaps[0]?.startsWith('Going on from step 0:'), saved };
  };
  // Four of the first fill 256 MiB; four of the second would not fit.
  expect(await goingOn(64 * 1024 ** 2)).toEqual({ fromStep0: false, saved: expect.any(Number) });
  expect(await goingOn(64 * 1024 ** 2 + 1)).toEqual({ fromStep0: true, saved: 1 });
});

test('time on a device that was lost counts', async () => {
  tickMs = 10;
  let [losses, chunks] = [0, 0];
  const { runs, groups } = await train({
    loses: (step) => {
      chunks++;
      return step >= 5 && losses++ === 0;
    },
  });
  expect(groups).toHaveLength(2);
  for (const { elapsedMs } of runs) expect(elapsedMs).toBeCloseTo((chunks * tickMs) / 4, 6);
});

test('every session is disposed of, however it ends', async () => {
  let [open, prepared] = [0, 0];
  const end = async (options: FakeOptions, more?: More) => {
    prepared = 0;
    const onPrepare = () => {
      open++;
      prepared++;
    };
    const onDispose = () => {
      open--;
    };
    const failure = await train({ ...options, onPrepare, onDispose }, more).then(
      () => null,
      ({ message }: Error) => message,
    );
    expect(open).toBe(0);
    return { prepared, failure };
  };
  expect(await end({}, { replicas: 3 })).toEqual({ prepared: 2, failure: null });
  const lost = await end({ loses: (step) => step >= 5 });
  expect(lost).toEqual({ prepared: 3, failure: expect.stringContaining('3 times by now') });
  const control = new Control();
  expect(await end({ onStep: () => control.stop() }, { control })).toEqual({ prepared: 1, failure: null });
  expect(await end({ fails: (call) => call === 'weights' })).toEqual({
    prepared: 1,
    failure: 'cannot weights',
  });
  tickMs = 1500;
  expect(await end({ fails: (call) => call === 'save' })).toEqual({ prepared: 1, failure: 'cannot save' });
  let losses = 0;
  const restored = await end({
    fails: (call) => call === 'restore',
    loses: (step) => step >= 40 && losses++ === 0,
  });
  expect(restored).toEqual({ prepared: 2, failure: 'cannot restore' });
  expect(await end({ name: 'webgpu' })).toEqual({ prepared: 5, failure: null });
});

test('two losses halve the chunk and the runs at once; the third ends it in plain words', async () => {
  let losses = 0;
  const stamina = new Stamina();
  const { chunkMs } = stamina;
  const twice = await train({ loses: (step) => step >= 5 && losses++ < 2 }, { stamina });
  expect(twice.groups).toEqual([
    [0, 1, 2, 3],
    [0, 1, 2, 3],
    [0, 1],
    [2, 3],
  ]);
  expect(stamina.chunkMs).toBe(chunkMs / 2);
  expect(twice.runs.map(({ curve }) => curve.steps.length)).toEqual(
    Array(4).fill(evaluationSteps(STEPS).length),
  );
  await expect(train({ loses: (step) => step >= 5 })).rejects.toThrow(
    'somebody pulled it out (3 times by now)',
  );
});

test('runs that do not fit together are trained in smaller groups; one that does not fit alone is a failure', async () => {
  const { groups, mishaps, runs } = await train({ replicasMax: 1 });
  expect(groups.slice(-4)).toEqual([[0], [1], [2], [3]]);
  expect(mishaps).toHaveLength(2);
  expect(runs).toHaveLength(4);
  await expect(train({ replicasMax: 0 })).rejects.toThrow('too large');
});

test('a chunk grows until it takes about the time between two looks, and never by leaps', async () => {
  tickMs = 0;
  const pace = new Pace(150);
  const sizes: number[] = [];
  let now = 0;
  vi.mocked(performance.now).mockImplementation(() => now);
  for (let i = 0; i < 12; i++) {
    const { chunk } = pace;
    sizes.push(chunk);
    await pace.time(chunk, async () => {
      now += 0.5 * chunk;
    });
  }
  expect(sizes.slice(0, 4)).toEqual([1, 4, 16, 64]);
  expect(sizes.at(-1)).toBe(300);
});

test('a stop in the middle ends without a result where only whole runs are wanted', async () => {
  const control = new Control();
  const { runs } = await train({ onStep: (step) => step > 10 && control.stop() }, { control });
  expect(runs).toEqual([]);
});

const plan = (more: Partial<SegmentPlan> = {}): SegmentPlan => ({
  ...{ origin: null, end: null, until: STEPS, resume: null },
  ...more,
});

test('a stop in the middle hands in how far the runs in hand are, evaluated there', async () => {
  const control = new Control();
  const plans = [0, 1, 2, 3].map(() => plan());
  const { runs, groups } = await train(
    { onStep: (step) => step > 10 && control.stop() },
    { control, plans, replicas: 2 },
  );
  const { to } = runs[0] as { to: number };
  expect(groups).toEqual([[0, 1]]);
  expect(runs).toMatchObject([0, 1].map((index) => ({ index, from: 0, to, start: null })));
  const loss = Math.fround(1 / (1 + to));
  expect(runs[1]?.end).toEqual([loss, 1, loss, 1]);
  expect(runs[1]?.curve.steps).toEqual(evaluationSteps(STEPS).filter((step) => step <= to));
});

test('a stop during the last step is a finished run', async () => {
  const control = new Control();
  const plans = [0, 1, 2, 3].map(() => plan());
  const { runs } = await train({ onStep: (step) => step === STEPS && control.stop() }, { control, plans });
  expect(runs).toMatchObject([0, 1, 2, 3].map(() => ({ to: STEPS, end: null, state: null })));
});

test('what is saved slowly is not waited for by a volunteer who stops', async () => {
  tickMs = 300;
  const control = new Control();
  const plans = [0, 1, 2, 3].map(() => plan());
  const { runs } = await train({ onStep: (step) => step > 1 && control.stop() }, { control, plans });
  expect(runs.length).toBeGreaterThan(0);
  expect(runs.length).toBeLessThan(4);
});

test('only runs of one segment are trained together', async () => {
  const plans = [plan({ until: 100 }), plan(), plan({ until: 100 }), plan()];
  const { groups, runs } = await train({}, { plans });
  expect(groups).toEqual([
    [0, 2],
    [1, 3],
  ]);
  expect(runs.map(({ to }) => to)).toEqual([100, 100, STEPS, STEPS]);
});

test('points off the grid are told as the end of a segment and never become points of the curve', async () => {
  const grid = evaluationSteps(STEPS);
  const until = grid.findIndex((step, i) => step !== i);
  const { runs, steps } = await train({}, { trainings: seeds(1), plans: [plan({ until })] });
  expect(runs[0]?.end).toHaveLength(4);
  expect(runs[0]?.curve.steps).toEqual(grid.filter((step) => step < until));
  expect(steps).not.toContain(until);
});

test('a checkpoint of another engine is not gone on from, even after a lost device', async () => {
  tickMs = 1500;
  let losses = 0;
  const loses = (step: number) => step >= 40 && losses++ === 0;
  const [first, second] = [fakeEngine({ name: 'first', loses }), fakeEngine({ name: 'second' })];
  const { mishaps, runs } = await train(
    {},
    { chosen: () => ({ engine: losses ? second : first, replicas: 4 }) },
  );
  expect(mishaps[0]).toMatch(/^Going on from step [1-9]/);
  expect(runs.map(({ curve }) => curve.steps)).toEqual(Array(4).fill(evaluationSteps(STEPS)));
});

test('a graphics card that takes long over a step of many runs gets fewer at once; a processor keeps them', async () => {
  tickMs = 600;
  const stamina = new Stamina();
  const { groups, mishaps, runs } = await train({ name: 'webgpu' }, { stamina });
  expect(groups).toEqual([[0, 1, 2, 3], [0, 1], [0], [1], [2], [3]]);
  expect(mishaps).toEqual([
    'A step of 4 runs takes 200 ms; training 2 at once',
    'A step of 2 runs takes 200 ms; training 1 at once',
  ]);
  for (const { curve } of runs) expect(curve.steps).toEqual(evaluationSteps(STEPS));
  expect((await train({ name: 'webgpu' }, { stamina })).groups).toEqual([[0], [1], [2], [3]]);
  expect((await train({ name: 'wasm' })).groups).toEqual([[0, 1, 2, 3]]);
});
