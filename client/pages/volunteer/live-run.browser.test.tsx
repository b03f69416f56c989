import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FromWorker, GroupInHand } from '../../engine/messages.ts';
import type { Session } from '../../session.ts';
import { SessionContext } from '../../session-here.ts';
import { IDLE, received, type SessionState } from '../../session-state.ts';
import { LiveRun } from './LiveRun.tsx';

const box = document.createElement('div');
beforeEach(() => document.body.append(box));
afterEach(() => {
  act(() => render(null, box));
  box.remove();
});

const group = (change: Partial<GroupInHand>): FromWorker => ({
  ...{ type: 'group', sweepId: 'demo-00000000', title: 'Demo', sweepRuns: 8 },
  ...{ engine: 'wasm', device: 'processor', steps: 61, threshold: 0.95, from: 0, keptBy: null, points: [] },
  runs: [{ run: 2, cell: 1, seed: 3, label: 'programme ticket' }],
  ...change,
});
const points = (...all: [step: number, accuracy: number][]): FromWorker => ({
  type: 'points',
  points: all.map(([step, accuracy]) => ({
    step,
    of: [{ trainLoss: 1, trainAccuracy: accuracy, testLoss: 1, testAccuracy: 0.1 }],
  })),
  msPerStep: 2,
});
const PARTS = [
  { name: 'part 1 of 2', words: 'train for 40 steps', from: 0, to: 40 },
  { name: 'part 2 of 2', words: 'prune; train for 20 steps', from: 41, to: 61 },
];

function shown(...messages: FromWorker[]): string {
  const state = messages.reduce<SessionState>((now, one) => received(now, one, 0), { ...IDLE, status: 'on' });
  act(() => render(<LiveRun state={state} />, box));
  return box.textContent ?? '';
}

const bar = () => {
  const element = box.querySelector('[role=progressbar]');
  return ['aria-label', 'aria-valuenow', 'aria-valuemax'].map((name) => element?.getAttribute(name));
};

test('a run of several parts is shown by the part it is in, its steps counted from its beginning', () => {
  const first = points([0, 0.96], [1, 0.97], [2, 0.98]);
  const text = shown(group({ parts: PARTS }), first, points([41, 0.1], [42, 0.2], [46, 0.3]));
  expect(text).toContain('Part 2 of 2: prune; train for 20 steps. Steps are counted from its beginning.');
  expect(text).toContain('step 5 of 20, part 2 of 2');
  expect(text).toContain('tMem> 5');
  expect(text).toContain('train accuracy 30.0 %');
  expect(text).toContain('at step 5');
  expect(bar()).toEqual(['Steps of this part', '5', '20']);
  expect(shown(group({ parts: PARTS }), first)).toContain('tMem0');
});

test('a run that is trained once is shown whole and without a word of parts', () => {
  const text = shown(group({}), points([0, 0.1], [46, 0.3]));
  expect(text).toContain('step 46 of 61');
  expect(text).not.toContain('part');
  expect(bar()).toEqual(['Steps of this run', '46', '61']);
  expect(text).toContain('at least 95.0 % for 3 evaluations in a row');
});

const evaluation = (accuracy: number) => ({
  ...{ trainLoss: 1, trainAccuracy: 1, testLoss: 1 },
  testAccuracy: accuracy,
});
const runs = [
  { run: 2, cell: 1, seed: 3, label: 'weight decay 1' },
  { run: 3, cell: 1, seed: 4, label: 'weight decay 1' },
  { run: 9, cell: 4, seed: 3, label: 'weight decay 2' },
];
const together: FromWorker[] = [
  group({ runs }),
  {
    type: 'points',
    points: [0, 1, 2].map((step) => ({ step, of: [evaluation(0.1), evaluation(0.99), evaluation(0.5)] })),
    msPerStep: 2,
  },
];
const choose = (name: string) =>
  act(() => [...box.querySelectorAll('label')].find(({ textContent }) => textContent === name)?.click());

test('the run that is bold is told with its cell and seed, and leads to its page', () => {
  expect(shown(group({}))).toContain('This is seed 3 of cell (programme ticket), run 2 of the sweep.');
  const text = shown(...together);
  expect(text).toContain(
    'Bold is seed 3 of cell (weight decay 1), run 2 of the sweep. The other 2 runs are thin',
  );
  expect(box.querySelector('p.small a')?.getAttribute('href')).toBe('/sweeps/demo-00000000/runs/2');
  expect(text).toContain('tGen> 2');
});

test('bands are of one cell, which is chosen, and the facts count its runs', () => {
  shown(...together);
  choose('bands');
  expect(box.textContent).toContain('2 runs of cell (weight decay 1): the line is the median');
  expect(box.textContent).toContain('tMem2 of 2');
  expect(box.textContent).toContain('tGen1 of 2');
  const select = box.querySelector('select')!;
  act(() => {
    select.value = '4';
    select.dispatchEvent(new Event('change', { bubbles: true }));
  });
  expect(box.textContent).toContain('1 run of cell (weight decay 2)');
  expect(box.textContent).toContain('median of test accuracy 50.0 %');
});

test('a look inside is asked for while it can be seen, and only that of the sweep in hand is shown', async () => {
  const wantShow = vi.fn();
  const show = (sweepId: string) => {
    const view = { sweepId, run: 2, step: 1, tookMs: 1, parameters: [], residues: null };
    const messages: FromWorker[] = [...together, { type: 'view', view }];
    const state = messages.reduce<SessionState>((now, one) => received(now, one, 0), {
      ...IDLE,
      status: 'on',
    });
    act(() =>
      render(
        <SessionContext.Provider value={{ wantShow } as unknown as Session}>
          <LiveRun state={state} />
        </SessionContext.Provider>,
        box,
      ),
    );
  };
  show('other-00000000');
  await vi.waitFor(() => expect(box.textContent).toContain('The first look inside comes'));
  show('demo-00000000');
  expect(box.textContent).toContain('Run 2 at step 1');
  box.querySelector('.show')?.scrollIntoView();
  await vi.waitFor(() => expect(wantShow).toHaveBeenLastCalledWith(true));
  act(() => render(null, box));
  expect(wantShow).toHaveBeenLastCalledWith(false);
});
