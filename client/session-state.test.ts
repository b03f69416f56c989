import { expect, test } from 'vitest';
import type { FromWorker, Phase } from './engine/messages.ts';
import {
  engineInHand,
  IDLE,
  milestonesSoFar,
  progressWords,
  reachedWords,
  received,
  type SessionState,
  takenUpWords,
} from './session-state.ts';

const group = (...seeds: number[]): Extract<FromWorker, { type: 'group' }> => ({
  type: 'group',
  sweepId: 'demo-00000000',
  title: 'Demo',
  sweepRuns: 32,
  runs: seeds.map((seed) => ({ run: 4 + seed, cell: 1, seed, label: 'weight decay 1.5' })),
  ...{ engine: 'wasm', device: 'processor', steps: 100, threshold: 0.95 },
  ...{ from: 0, keptBy: null, points: [] },
});
/** The same runs going on from a state, with their curves so far. */
const goingOn = (
  from: number,
  keptBy: 'device' | 'server',
  ...points: [step: number, accuracy: number][]
) => ({
  ...group(3),
  ...{ from, keptBy },
  points: points.map(([step, accuracy]) => ({ step, of: [evaluation(accuracy)] })),
});
const evaluation = (testAccuracy: number) => ({
  ...{ trainLoss: 0.1, trainAccuracy: 1, testLoss: 1 },
  testAccuracy,
});
const point = (step: number, ...accuracies: (number | null)[]): FromWorker => ({
  type: 'points',
  points: [{ step, of: accuracies.map((a) => (a === null ? null : evaluation(a))) }],
  msPerStep: 2,
});
const trained = (seed: number, tGen: number | null): FromWorker => ({
  type: 'trained',
  sweepId: 'demo-00000000',
  runs: [
    {
      ...{ run: 4 + seed, seed, label: 'weight decay 1.5', steps: 100 },
      ...{ tMem: null, tGen, divergedAt: null },
    },
  ],
});
const delivered = (...seeds: number[]): FromWorker => ({
  type: 'delivered',
  runs: seeds.map((seed) => ({
    ...{ sweepId: 'demo-00000000', run: 4 + seed, isPart: false, to: 100 },
    ...{ verdict: seed === 9 ? 'unneeded' : 'accepted', message: null },
  })),
});
const after = (...messages: FromWorker[]) =>
  messages.reduce<SessionState>((state, message) => received(state, message, 0), { ...IDLE, status: 'on' });
const steps = ({ points }: SessionState) => points.map(({ step }) => step);

test('points of the runs in hand make their curves; steps to be trained again are taken back', () => {
  const start = [group(3), point(0, 0.1), point(1, 0.2), point(2, 0.3)];
  expect(steps(after(...start))).toEqual([0, 1, 2]);
  const again = after(...start, goingOn(1, 'device', [0, 0.1], [1, 0.2]));
  expect([steps(again), again.place?.step]).toEqual([[0, 1], 1]);
});

test('runs that go on from a state show their whole curve, their step and what they reached at once', () => {
  const state = after(goingOn(50, 'server', [0, 0.1], [10, 0.96], [20, 0.97], [30, 0.98]));
  expect([steps(state), state.place?.step]).toEqual([[0, 10, 20, 30], 50]);
  expect(milestonesSoFar(state)).toEqual({ tMem: 0, tGen: 10 });
  expect(progressWords(state)).toBe('run 7, 50 %');
});

test('a run that goes on in this tab needs no word, neither after a segment nor after Stop and Start', () => {
  const part: FromWorker = {
    ...{ type: 'handed-over', sweepId: 'demo-00000000' },
    runs: [{ run: 7, seed: 3, label: '', to: 51, steps: 100 }],
  };
  const before = [group(3), point(0, 0.1), { type: 'step', step: 50, msPerStep: 2 } as const, part];
  for (const keptBy of ['device', 'server'] as const)
    expect(takenUpWords(after(...before, goingOn(51, keptBy, [0, 0.1])))).toBeNull();
  const stopped = { ...after(...before), group: null, points: [] };
  expect(takenUpWords(received(stopped, goingOn(51, 'server', [0, 0.1]), 0))).toBeNull();
  // Somebody else went on with it meanwhile.
  expect(takenUpWords(after(...before, goingOn(60, 'server', [0, 0.1])))).toMatch(/taken up at step 60\.$/);
});

test('a run from a reload and one from elsewhere are told apart, and stay so through their segments', () => {
  const kept = after(goingOn(1613, 'device', [0, 0.1]), point(1700, 0.2), goingOn(1700, 'device', [0, 0.1]));
  expect(takenUpWords(kept)).toBe('Gone on from step 1613, kept on this device.');
  expect(takenUpWords(received(kept, group(4), 0))).toBeNull();
  const fetched = after(goingOn(16_130, 'server', [0, 0.1]));
  expect(takenUpWords(fetched)).toMatch(/^Begun by another device.+; taken up at step 16,130\.$/);
});

test('steps are told between evaluations too, and a late word of one takes no point away', () => {
  const step = (at: number): FromWorker => ({ type: 'step', step: at, msPerStep: 3 });
  const state = after(group(3), point(0, 0.1), step(17), point(20, 0.2), step(23));
  expect([state.place?.step, steps(state), state.msPerStep]).toEqual([23, [0, 20], 3]);
});

test('a unit is said with the step it goes on from', () => {
  const unit = (runs: number[], from: number[]): FromWorker => ({
    ...{ type: 'unit', sweepId: 'demo-00000000', title: 'Demo', unit: 1, sweepRuns: 32 },
    ...{ runs, from },
  });
  const said = (runs: number[], from: number[]) => after(unit(runs, from)).log[0]?.words;
  expect(said([0], [0])).toBe('Got 1 run of "Demo"');
  expect(said([0], [4497])).toBe('Going on with run 0 of "Demo" from step 4497');
  expect(said([0, 1], [14_497, 14_497])).toBe('Going on with 2 runs of "Demo" from step 14,497');
  expect(said([0, 1, 2], [0, 5, 0])).toBe('Got 3 runs of "Demo", 1 begun before');
});

test('the next runs start with empty curves', () => {
  expect(after(group(3), point(0, 0.1), group(4)).points).toEqual([]);
});

test('tGen is flagged once test accuracy has stayed over the threshold, for each of the runs in hand', () => {
  const start = [group(3, 4), point(0, 0.1, 0.1), point(1, 0.96, 0.1), point(2, 0.97, 0.99)];
  expect(milestonesSoFar(after(...start))).toEqual({ tMem: 0, tGen: null });
  const state = after(...start, point(3, 0.98, null));
  expect(milestonesSoFar(state)).toEqual({ tMem: 0, tGen: 1 });
  expect(milestonesSoFar(state, 1)).toEqual({ tMem: 0, tGen: null });
});

const PARTS = [
  { name: 'part 1 of 2', words: 'train for 40 steps', from: 0, to: 40 },
  { name: 'part 2 of 2', words: 'rewind; train for 59 steps', from: 41, to: 100 },
];

test('runs with parts are flagged in the part they are in, by steps from its beginning', () => {
  const known = [0, 1, 2].map((step) => [step, 0.99] as [number, number]);
  const before = after({ ...goingOn(39, 'server', ...known), parts: PARTS });
  expect(milestonesSoFar(before)).toEqual({ tMem: 0, tGen: 0 });
  const begun = received(before, point(41, 0.1), 0);
  expect(milestonesSoFar(begun)).toEqual({ tMem: null, tGen: null });
  const on = [42, 43, 44].reduce((state, step) => received(state, point(step, 0.99), 0), begun);
  expect(milestonesSoFar(on)).toEqual({ tMem: 0, tGen: 1 });
  expect(takenUpWords(after({ ...goingOn(50, 'device'), parts: PARTS }))).toBe(
    'Gone on from step 9 of part 2 of 2, kept on this device.',
  );
});

test('a run that stopped early is not said to have been watched longer once it is trained', () => {
  const held = after(group(3), point(0, 0.1), point(12, 0.1), point(100, 0.1));
  expect([reachedWords(held, 'tMem'), reachedWords(held, 'tGen')]).toEqual(['0', '> 100']);
  const summary = { run: 7, seed: 3, label: '', steps: 12, tMem: 0, tGen: null, divergedAt: null };
  const done = received(held, { type: 'trained', sweepId: 'demo-00000000', runs: [summary] }, 0);
  expect([reachedWords(done, 'tMem'), reachedWords(done, 'tGen')]).toEqual(['0', '> 12']);
  expect(reachedWords(after(group(3), point(0, 0.1), point(2, 0.1)), 'tGen')).toBe('> 2');
});

test('a delivered run is listed once, with its last verdict and the milestones told before', () => {
  const state = after(group(3), trained(3, 40), delivered(3));
  expect(state.finished).toMatchObject([
    { run: 7, verdict: 'accepted', tGen: 40, steps: 100, label: 'weight decay 1.5', seed: 3 },
  ]);
  expect(state.counts).toEqual({ finished: 1, accepted: 1 });
  expect(after(delivered(3)).counts).toEqual({ finished: 1, accepted: 1 });
});

test('the newest run is on top, also of runs that end together, and a verdict moves none', () => {
  const both: FromWorker = {
    type: 'trained',
    sweepId: 'demo-00000000',
    runs: [3, 4].map((run) => ({
      run,
      seed: run,
      label: '',
      steps: 100,
      tMem: 1,
      tGen: 2,
      divergedAt: null,
    })),
  };
  const order = (...messages: FromWorker[]) => after(...messages).finished.map(({ run }) => run);
  expect(order(both, trained(9, 1))).toEqual([13, 4, 3]);
  expect(order(both, trained(9, 1), delivered(-1, 0))).toEqual([13, 4, 3]);
  expect(order(delivered(3, 4))).toEqual([8, 7]);
});

test('runs are in hand from their start on, until there is nothing to do, no answer, or an end', () => {
  const phase = (name: Phase): FromWorker => ({ type: 'phase', phase: name, words: name });
  const problem: FromWorker = { type: 'problem', words: 'unreachable', fatal: false, code: null };
  const isInHand = (...messages: FromWorker[]) => after(...messages).isInHand;
  expect(isInHand(phase('asking'))).toBe(false);
  const start = [group(3), phase('training')];
  for (const still of [[], [problem], [phase('choosing'), problem], [phase('paused')], [phase('asking')]])
    expect(isInHand(...start, ...still)).toBe(true);
  const ends = [
    [phase('waiting')],
    [phase('asking'), problem],
    [phase('stopped')],
    [{ ...problem, fatal: true }],
  ];
  for (const end of ends) expect(isInHand(...start, ...end)).toBe(false);
  expect(isInHand(...start, phase('waiting'), group(4))).toBe(true);
});

test('runs delivered together take one line of the log', () => {
  const { log } = after(trained(3, 40), trained(4, null), trained(9, null), delivered(3, 4, 9));
  expect(log.map(({ words }) => words)).toEqual([
    '2 runs accepted (1 generalised); Run 13 not needed, another device was first',
  ]);
  const phases = (['asking', 'training', 'delivering'] as const).map(
    (name): FromWorker => ({ type: 'phase', phase: name, words: name }),
  );
  expect(after(...phases).log).toEqual([]);
});

test('a long visit keeps the newest runs and counts them all', () => {
  const runs = Array.from({ length: 500 }, (_, i) => [trained(i, null), delivered(i)]).flat();
  const { finished, counts } = after(...runs);
  expect(counts.finished).toBe(500);
  expect(finished.length).toBeLessThan(500);
  expect(finished[0]?.run).toBe(503);
});

test('a log of days keeps its newest lines', () => {
  const state = after(
    ...Array.from({ length: 500 }, (_, i): FromWorker => ({ type: 'note', words: `${i}` })),
  );
  expect([state.log.length, state.log[0]?.words, state.log.at(-1)?.words]).toEqual([200, '499', '300']);
});

test('a session ends with its worker; no other phase changes its status', () => {
  const phase = (name: Phase): FromWorker => ({ type: 'phase', phase: name, words: name });
  expect(after(phase('stopped')).status).toBe('off');
  for (const status of ['on', 'off', 'paused', 'finishing'] as const) {
    for (const name of ['choosing', 'asking', 'training', 'waiting', 'paused', 'delivering'] as const)
      expect(received({ ...IDLE, status }, phase(name), 0).status).toBe(status);
  }
  expect(after({ type: 'problem', words: 'The GPU went away.', fatal: true, code: null }).status).toBe('off');
});

test('a problem stays until a later message shows that it passed', () => {
  const problem: FromWorker = { type: 'problem', words: 'unreachable', fatal: false, code: null };
  const phase = (name: Phase): FromWorker => ({ type: 'phase', phase: name, words: name });
  const unit: FromWorker = {
    type: 'unit',
    sweepId: 'demo-00000000',
    title: 'Demo',
    unit: 1,
    runs: [7],
    from: [0],
    sweepRuns: 32,
  };
  for (const passed of [delivered(3), unit, group(3), phase('waiting'), phase('stopped')])
    expect(after(problem, passed).problem).toBeNull();
  for (const before of [trained(3, null), phase('asking'), phase('delivering'), point(1, 0.1)])
    expect(after(problem, before).problem).toBe('unreachable');
  expect(after({ ...problem, fatal: true }, phase('stopped')).problem).toBe('unreachable');
});

test('progress is told in a few words', () => {
  expect(progressWords(IDLE)).toBeNull();
  expect(progressWords(after(group(3), point(42, 0.1)))).toBe('run 7, 42 %');
  expect(progressWords(after(group(3, 4), point(42, 0.1, 0.1)))).toBe('2 runs, 42 %');
});

test('a phase said twice is logged once', () => {
  const phase: FromWorker = { type: 'phase', phase: 'waiting', words: 'Waiting.' };
  expect(after(phase, phase).log).toHaveLength(1);
});

const choice = {
  ...{ engine: 'wasm', version: '1', device: 'processor, 2 threads', replicas: 2, msPerStep: 0.153 },
  ...{ flopsPerSecond: 1e9, trials: [], measuredAtMs: Date.UTC(2026, 10, 22, 12), release: '1', machine: '' },
};

test('runs are shown with the engine that trains them, and with the next one where another was chosen', () => {
  const chosen = (engine: string): FromWorker => ({
    ...{ type: 'engine', isStored: false, keep: true },
    choice: { ...choice, engine },
  });
  expect(engineInHand(after(chosen('wasm')))).toBeNull();
  expect(engineInHand(after(chosen('wasm'), group(3)))).toBe('wasm');
  const state = after(chosen('wasm'), group(3), chosen('webgpu'));
  expect(engineInHand(state)).toBe('wasm; WebGPU from the next runs on');
  expect(engineInHand({ ...state, status: 'off' })).toBe('wasm');
  const because = { ...group(3), because: 'webgpu has no dropout' };
  expect(engineInHand(after(chosen('webgpu'), because))).toBe('wasm, since webgpu has no dropout');
});

test('the log says which engine computes, and when that was found out', () => {
  const { log, engine } = after({ type: 'engine', choice, isStored: true, keep: false });
  expect(log[0]?.words).toBe('Computing with wasm, as measured on 22 November 2026');
  expect(engine?.isStored).toBe(true);
  expect(
    after({ type: 'engine', choice, isStored: true, keep: false }, { type: 'engine-failed', engine: 'wasm' })
      .engine,
  ).toBeNull();
});

test('that any device can go on is said once the server has the part, and a part counts as no finished run', () => {
  const handed: FromWorker = {
    ...{ type: 'handed-over', sweepId: 'demo-00000000' },
    runs: [{ run: 3, seed: 0, label: '', to: 11_964, steps: 100_000 }],
  };
  const judged = (verdict: 'accepted' | 'refused', ...runs: number[]): FromWorker => ({
    type: 'delivered',
    runs: runs.map((run) => ({
      ...{ sweepId: 'demo-00000000', run, isPart: true, to: 11_964, verdict, message: null },
    })),
  });
  expect(after(handed).log).toEqual([]);
  const state = after(handed, judged('accepted', 3), judged('accepted', 3, 4), judged('refused', 3));
  expect(state.log.map(({ words }) => words).reverse()).toEqual([
    'Run 3 got to step 11,964; any device can go on from there',
    '2 runs got to step 11,964; any device can go on from there',
    'Part of run 3 refused',
  ]);
  expect([state.finished, state.counts]).toEqual([[], { finished: 0, accepted: 0 }]);
});
