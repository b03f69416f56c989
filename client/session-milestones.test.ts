import { afterEach, expect, test } from 'vitest';
import type { FromWorker, LivePart } from './engine/messages.ts';
import { IDLE, received, type SessionState } from './session-state.ts';
import { speak } from './words/index.ts';

const group = (runs: number, parts?: LivePart[]): Extract<FromWorker, { type: 'group' }> => ({
  ...{ type: 'group', sweepId: 'demo-00000000', title: 'Demo', sweepRuns: 32 },
  runs: Array.from({ length: runs }, (_, i) => ({ run: 7 + i, cell: 0, seed: i, label: '' })),
  ...{ engine: 'wasm', device: 'processor', steps: 2000, threshold: 0.95, ...(parts && { parts }) },
  ...{ from: 0, keptBy: null, points: [] },
});
/** A point at which each run has this training and test accuracy. */
const point = (step: number, ...of: [train: number, test: number][]): FromWorker => ({
  type: 'points',
  points: [
    {
      step,
      of: of.map(([trainAccuracy, testAccuracy]) => ({
        ...{ trainLoss: 1, testLoss: 1, trainAccuracy, testAccuracy },
      })),
    },
  ],
  msPerStep: 1,
});
const lines = (...messages: FromWorker[]) =>
  messages
    .reduce<SessionState>((state, message) => received(state, message, 0), IDLE)
    .log.map(({ words }) => words)
    .reverse();

afterEach(() => speak('en'));

const memorises = [84, 90, 96].map((step) => point(step, [1, 0]));
const generalises = [502, 540, 580].map((step) => point(step, [1, 1]));

test('the log tells the step at which a run has memorised, and at which it has generalised, once each', () => {
  expect(lines(group(1), point(0, [0, 0]), ...memorises, point(300, [1, 0.5]), ...generalises)).toEqual([
    'Run 7 memorised at step 84',
    'Run 7 generalised at step 502 (tau 6.0)',
  ]);
});

test('what is not sustained is no milestone', () => {
  expect(lines(group(1), point(84, [1, 0]), point(90, [1, 0]), point(96, [0.9, 0]))).toEqual([]);
});

test('a run that generalises without having memorised has no tau', () => {
  expect(lines(group(1), ...[5, 6, 7].map((step) => point(step, [0, 1])))).toEqual([
    'Run 7 generalised at step 5',
  ]);
});

test('runs that reach the same at the same step share a line; very many are counted', () => {
  const all = (runs: number) => [84, 90, 96].map((step) => point(step, ...Array(runs).fill([1, 0])));
  expect(lines(group(3), ...all(3))).toEqual(['Runs 7, 8, 9 memorised at step 84']);
  expect(lines(group(16), ...all(16))).toEqual(['16 runs memorised at step 84']);
});

test('what runs had reached before they came here is no news', () => {
  const points = memorises.flatMap((message) => (message.type === 'points' ? message.points : []));
  const goingOn = { ...group(1), from: 100, keptBy: 'server', points } as const;
  expect(lines(goingOn, ...generalises)).toEqual(['Run 7 generalised at step 502 (tau 6.0)']);
});

test('each part of a run has milestones of its own, counted from its beginning', () => {
  const parts: LivePart[] = [
    { name: 'part 1 of 2', words: '', from: 0, to: 1000 },
    { name: 'part 2 of 2', words: '', from: 1000, to: 2000 },
  ];
  const second = [1040, 1050, 1060].map((step) => point(step, [1, 0]));
  expect(lines(group(1, parts), ...memorises, ...second)).toEqual([
    'Run 7 memorised at step 84 of part 1 of 2',
    'Run 7 memorised at step 40 of part 2 of 2',
  ]);
});

test('the log is in the language of the page', async () => {
  await speak('de');
  expect(lines(group(1), ...memorises, ...generalises)).toEqual([
    'Lauf 7 auswendig gelernt bei Schritt 84',
    'Lauf 7 verallgemeinert bei Schritt 502 (tau 6,0)',
  ]);
});
