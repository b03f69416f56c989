import { expect, test } from 'vitest';
import type { FromWorker, Phase } from './engine/messages.ts';
import {
  engineWords,
  IDLE,
  milestonesSoFar,
  progressWords,
  received,
  type SessionState,
} from './session-state.ts';

const run: FromWorker = {
  type: 'run',
  sweepId: 'demo-00000000',
  title: 'Demo',
  run: 7,
  sweepRuns: 32,
  cell: 1,
  seed: 3,
  label: 'weight decay 1.5',
  steps: 100,
  threshold: 0.95,
};
const point = (step: number, testAccuracy: number, of = 7): FromWorker => ({
  type: 'point',
  run: of,
  step,
  trainLoss: 0.1,
  trainAccuracy: 1,
  testLoss: 1,
  testAccuracy,
  msPerStep: 2,
});
const finished = (verdict: 'queued' | 'accepted', tGen: number | null): FromWorker => ({
  type: 'finished',
  sweepId: 'demo-00000000',
  run: 7,
  verdict,
  message: null,
  tMem: null,
  tGen,
  divergedAt: null,
});
const after = (...messages: FromWorker[]) =>
  messages.reduce<SessionState>((state, message) => received(state, message, 0), { ...IDLE, status: 'on' });

test('points of the run in hand make its curve; late points of another run do not', () => {
  const state = after(run, point(0, 0.1), point(1, 0.2), point(1, 0.9), point(2, 0.3, 6));
  expect(state.points.map(({ step }) => step)).toEqual([0, 1]);
});

test('the next run starts with an empty curve', () => {
  expect(after(run, point(0, 0.1), run).points).toEqual([]);
});

test('tGen is flagged once test accuracy has stayed over the threshold', () => {
  const start = [run, point(0, 0.1), point(1, 0.96), point(2, 0.97)];
  expect(milestonesSoFar(after(...start))).toEqual({ tMem: 0, tGen: null });
  expect(milestonesSoFar(after(...start, point(3, 0.98)))).toEqual({ tMem: 0, tGen: 1 });
});

test('a delivered run is listed once, with its last verdict and the milestones told before', () => {
  const state = after(run, finished('queued', 40), finished('accepted', null));
  expect(state.finished).toMatchObject([
    { verdict: 'accepted', tGen: 40, steps: 100, label: 'weight decay 1.5, seed 3' },
  ]);
  expect(state.finished).toHaveLength(1);
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
    sweepRuns: 32,
  };
  for (const passed of [finished('accepted', null), unit, run, phase('waiting'), phase('stopped')])
    expect(after(problem, passed).problem).toBeNull();
  for (const before of [finished('queued', null), phase('asking'), phase('delivering'), point(1, 0.1)])
    expect(after(problem, before).problem).toBe('unreachable');
  expect(after({ ...problem, fatal: true }, phase('stopped')).problem).toBe('unreachable');
});

test('progress is told in a few words', () => {
  expect(progressWords(IDLE)).toBeNull();
  expect(progressWords(after(run, point(42, 0.1)))).toBe('run 7, 42 %');
});

test('a phase said twice is logged once', () => {
  const phase: FromWorker = { type: 'phase', phase: 'training', words: 'Training.' };
  expect(after(phase, phase).log).toHaveLength(1);
});

test('the log says why an engine was chosen', () => {
  const choices = [
    { name: 'webgpu', msPerStep: 1.9, problem: null },
    { name: 'wasm', msPerStep: 3.4, problem: null },
  ];
  expect(engineWords({ type: 'engine', engine: 'tfjs', backend: 'webgpu', msPerStep: 1.94, choices })).toBe(
    'Computing with tfjs on webgpu, 1.9 ms per step in the benchmark, the fastest here',
  );
});
