import { render } from 'preact';
import { act } from 'preact/test-utils';
import { LocationProvider, Route, Router } from 'preact-iso/router';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RunReply } from '../../shared/protocol.ts';
import RunPage from './RunPage.tsx';
import SweepPage from './SweepPage.tsx';

const ID = 'grid-0123abcd';
const STEPS = [0, 1, 2, 5];
const column = STEPS.map(() => 0.5);
const curve = {
  ...{ run: 0, steps: STEPS, 'train.loss': column, 'train.accuracy': column },
  ...{ 'test.loss': column, 'test.accuracy': column },
};
const reply = (change: Partial<RunReply>, run: Partial<RunReply['run']> = {}): RunReply => ({
  sweep: {
    ...{ id: ID, name: 'grid', title: 'A grid', researcher: 'Ada', createdAtMs: 0, runs: 8, cells: 1 },
    ...{
      postedRuns: 8,
      grownAtMs: null,
      phenomenon: 'grokking',
      finishedRuns: 0,
      failedRuns: 0,
      mode: 'running',
      priority: 2,
    },
    flops: 1e9,
  },
  run: {
    ...{ index: 0, cell: 0, seed: 0, state: 'waiting', step: 5, milestones: null, engine: null },
    ...{ engineVersion: null, elapsedMs: null, digest: null, weightsDigest: null, finishedAtMs: null },
    ...{ volunteer: null, segments: 2, ...run },
  },
  ...{ values: [], axes: [], config: { train: { steps: 1000 }, threshold: 0.95 } },
  ...{ parameterCount: 8, flopsPerStep: 100, curve: null, partial: null, reasons: [], ...change },
});

const box = document.createElement('div');
const text = () => box.textContent ?? '';
let answer: (url: string) => Response;
const here = location.href;

beforeEach(() => {
  document.body.append(box);
  vi.stubGlobal('fetch', async (url: string) => answer(url));
});
afterEach(() => {
  act(() => render(null, box));
  box.remove();
  vi.unstubAllGlobals();
  history.replaceState(null, '', here);
});

function visit(path: string) {
  history.replaceState(null, '', path);
  act(() =>
    render(
      <LocationProvider>
        <Router>
          <Route path="/sweeps/:id" component={SweepPage} />
          <Route path="/sweeps/:id/runs/:index" component={RunPage} />
        </Router>
      </LocationProvider>,
      box,
    ),
  );
}

test('a run that waits to be gone on with shows its curve as far as it was accepted', async () => {
  answer = () => Response.json(reply({ partial: curve }));
  visit(`/sweeps/${ID}/runs/0`);
  await expect.poll(text).toContain('As far as it was accepted, up to step 5 of 1000. Not a result yet');
  expect(text()).toContain('segments accepted so far2');
  expect(text()).not.toContain('last segment trained by');
});

test('a run of the reader’s own says so, with the steps', async () => {
  const identity = { volunteerId: 'v', token: 'tv_1', deviceId: '12'.repeat(16) };
  localStorage.setItem('tabgrad.volunteer', JSON.stringify(identity));
  const segments = [
    { from: 0, to: 400 },
    { from: 600, to: 1000 },
  ];
  answer = (url) =>
    Response.json(
      url.startsWith('/api/me/')
        ? { runs: [{ run: 0, segments, isFinished: true }], nextRun: null }
        : reply({ curve }, { state: 'finished' }),
    );
  visit(`/sweeps/${ID}/runs/0`);
  await expect.poll(text).toContain('This run is yours: you trained steps 0 to 400, 600 to 1000.');
  localStorage.clear();
});

test('a run that was given up says what every device said', async () => {
  const reasons = [
    { reason: 'the lease ran out', volunteers: 5 },
    { reason: 'out of memory', volunteers: 3 },
  ];
  answer = () => Response.json(reply({ reasons }, { state: 'failed', step: 0, segments: 0 }));
  visit(`/sweeps/${ID}/runs/0`);
  await expect.poll(text).toContain('the lease ran out (5 volunteers)');
  expect(text()).toContain('out of memory (3 volunteers)');
});

test.each([
  [`/sweeps/${ID}`, 'There is no such sweep'],
  [`/sweeps/${ID}/runs/9`, 'There is no such run'],
])('%s that does not exist has a heading that says so', async (path, title) => {
  answer = () => Response.json({ error: { code: 'not-found', message: 'Nothing.' } }, { status: 404 });
  visit(path);
  await expect.poll(() => box.querySelector('h1')?.textContent).toBe(title);
});

const TICKET = {
  ...{ threshold: 0.95, train: { steps: 9 }, programme: 'ticket' },
  programmes: {
    ticket: [
      { kind: 'train', steps: 2 },
      { kind: 'prune', by: 'magnitude', fraction: 0.6, of: 'all', scope: 'layer', rounds: 1 },
      { kind: 'rewind', to: 'init' },
      { kind: 'train', steps: 2, stop: { when: 'generalised', sustained: 3 } },
    ],
  },
};

test('a run of several parts is shown part by part, says what it does, and where it stopped', async () => {
  const steps = [0, 1, 2, 3, 4, 5];
  const values = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
  const phased = {
    ...{ run: 0, steps, 'train.loss': values, 'train.accuracy': values },
    ...{ 'test.loss': values, 'test.accuracy': values, stops: [null, 4] },
    windows: [
      { phase: 0, from: 0, to: 2 },
      { phase: 3, from: 3, to: 5 },
    ],
    measured: {
      steps: [0, 2, 3],
      columns: ['norms.l2', 'distance.memorised'],
      values: [
        [9, 8, 7],
        [null, 1, 2],
      ],
    },
  };
  answer = () => Response.json(reply({ config: TICKET, curve: phased }, { state: 'finished', step: null }));
  visit(`/sweeps/${ID}/runs/0`);
  await expect.poll(text).toContain('What this run does');
  expect(text()).toContain('prune 60 % of every matrix: the smallest');
  expect(text()).toContain('It stopped at step 1, as its programme says');
  const readouts = () => [...box.querySelectorAll('.readout')].map((one) => one.textContent);
  expect(readouts()[0]).toContain('test accuracy 60.0 %at step 2');
  const part = box.querySelector('select') as HTMLSelectElement;
  expect([...part.options].map(({ text: words }) => words)).toEqual([
    'Part 1: train for 2 steps',
    'Part 2: train until it generalises and 20 % longer, at most 2 steps',
  ]);
  act(() => {
    part.value = '0';
    part.dispatchEvent(new Event('change', { bubbles: true }));
  });
  expect(readouts()[0]).toContain('test accuracy 30.0 %at step 2');
  expect(text()).not.toContain('It stopped at');
  expect(readouts()[1]).toContain('7.000at step 0');
});
