import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aggregateCell } from '../../../shared/measures/aggregate.ts';
import type { CurveReply, DataReply, RunSummary, SweepReply } from '../../../shared/protocol.ts';
import { readSweep } from '../../../shared/spec/sweep.ts';
import type { MyRunsReply } from '../../../shared/volunteers.ts';
import { SweepView } from './SweepView.tsx';
import { withPage } from './sweep-data.ts';

const ID = 'grid-0123abcd';
const STEPS = [0, 1, 2, 5, 10];
const curve = (run: number): CurveReply => ({
  run,
  steps: STEPS,
  'train.loss': STEPS.map(() => 1),
  'train.accuracy': STEPS.map(() => 1),
  'test.loss': STEPS.map(() => 1),
  'test.accuracy': STEPS.map((step) => step / 10),
});
const run = (index: number, change: Partial<RunSummary>): RunSummary => ({
  ...{ index, cell: 0, seed: index, state: 'waiting', step: null, milestones: null, engine: null },
  ...{ engineVersion: null, elapsedMs: null, digest: null, weightsDigest: null, finishedAtMs: null },
  ...{ volunteer: null, segments: 0, ...change },
});
const written = {
  ...{ name: 'grid', title: 'A grid', task: { p: 5, trainFraction: 0.6 }, optimizer: { lr: 0.01 } },
  ...{ model: { embedding: 4, hidden: 4 }, train: { steps: 1000 } },
  parameters: { seed: { min: 0, max: 7 } },
};
const read = readSweep(written);
if (!read.ok) throw new Error(JSON.stringify(read.problems));
const { spec } = read.value;
const sweep = (change: Partial<SweepReply['sweep']>): SweepReply['sweep'] => ({
  ...{ id: ID, name: 'grid', title: 'A grid', researcher: 'Ada', createdAtMs: 0, runs: 8, cells: 1 },
  ...{ postedRuns: 8, grownAtMs: null, phenomenon: 'grokking' },
  ...{ finishedRuns: 1, failedRuns: 0, mode: 'running', priority: 1, flops: 1e9, description: null, spec },
  ...{ specDigest: 'ab'.repeat(32), axes: [], trainingRuns: 1, failed: [], ...change },
});
const page = (change: Partial<SweepReply['sweep']> = {}): SweepReply => ({
  sweep: sweep(change),
  cells: [{ cell: 0, values: [], runs: 8, aggregate: aggregateCell([], 1000) }],
  runs: [
    run(0, { state: 'finished', segments: 3 }),
    run(1, { state: 'training', step: 500, segments: 1 }),
    run(2, { state: 'cancelled' }),
  ],
  curves: [curve(0)],
  live: [curve(1)],
  nextRun: null,
});

const box = document.createElement('div');
const text = () => box.textContent ?? '';
let data: DataReply = { parts: [], pendingRuns: 1 };
let answer: () => Response = () => Response.json(sweep({}));
let sent: { url: string; token: string | null; body: unknown }[] = [];
let changes = 0;
let asked: string[] = [];
let mine: MyRunsReply['runs'] = [];

beforeEach(() => {
  document.body.append(box);
  sessionStorage.clear();
  data = { parts: [], pendingRuns: 1 };
  answer = () => Response.json(sweep({}));
  sent = [];
  changes = 0;
  asked = [];
  mine = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    asked.push(url);
    if (url.startsWith('/api/me/runs/')) return Response.json({ runs: mine, nextRun: null });
    if (init.method !== 'PATCH') return Response.json(data);
    const token = new Headers(init.headers).get('authorization');
    sent.push({ url, token, body: JSON.parse(String(init.body)) });
    return answer();
  });
});
afterEach(() => {
  act(() => render(null, box));
  box.remove();
  vi.unstubAllGlobals();
});

const show = (reply = page()) =>
  act(() => render(<SweepView data={withPage(null, reply)} onChanged={() => changes++} />, box));
const button = (words: string) => {
  const found = [...box.querySelectorAll('button')].find(({ textContent }) => textContent === words);
  if (!found) throw new Error(`no button "${words}"`);
  return found;
};
const press = (words: string) => act(() => button(words).click());
const fill = (label: string, value: string) => {
  const field = [...box.querySelectorAll('label')].find((l) => l.textContent?.trim().startsWith(label));
  const input = field?.querySelector('input') as HTMLInputElement;
  act(() => {
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
  return input;
};

test('nobody’s runs are marked, or asked for, where this browser is nobody', () => {
  localStorage.clear();
  show();
  expect(box.querySelector('.mine, .mine-switch, .heat-own')).toBeNull();
  expect(asked.filter((url) => url.startsWith('/api/me'))).toEqual([]);
});

test('the reader’s own runs are marked in every figure and table, by more than colour, until that is switched off', async () => {
  const identity = { volunteerId: 'v', token: 'tv_1', deviceId: '12'.repeat(16) };
  localStorage.setItem('tabgrad.volunteer', JSON.stringify(identity));
  mine = [0, 1].map((of) => ({ run: of, segments: [{ from: 0, to: 10 }], isFinished: of === 0 }));
  show();
  await expect.poll(text).toContain('2 of 8 runs are yours, whole or in part.');
  const tile = () => box.querySelector('button.heat-cell')?.textContent;
  const picture = () => box.querySelector('#curves ~ .plot-canvas')?.getAttribute('aria-label');
  const marked = () => [...box.querySelectorAll('.mine')].map(({ textContent }) => textContent);
  expect(tile()).toContain('2 yours');
  expect(picture()).toContain('2 of all these yours and marked with a ring');
  expect(marked()).toEqual(['2 yours', 'yours', 'yours']);
  act(() => box.querySelector<HTMLInputElement>('.mine-switch input')?.click());
  expect(tile()).not.toContain('yours');
  expect(picture()).not.toContain('yours');
  expect(marked()).toEqual([]);
  expect(text()).toContain('2 of 8 runs are yours, whole or in part.');
  localStorage.clear();
});

test('runs in training are counted and marked as no results', () => {
  show();
  expect(text()).toContain('1 run finished, nothing averaged');
  expect(text()).toContain('Dashed: 1 run in training, as far as its device has told. Not a result yet.');
  expect(box.querySelector('#curves ~ .plot-canvas')?.getAttribute('aria-label')).toContain(
    'Test accuracy of 1 run over the steps, and of 1 unfinished so far',
  );
});

test('the table of runs tells of hand-overs, segments and cancelled runs', () => {
  show();
  expect(text()).toContain('finished in 3 segments');
  expect(text()).toContain('training, handed over at step 500');
  expect([...box.querySelectorAll('td')].map((td) => td.textContent)).toContain('cancelled');
});

test('units that were given up are shown with their reasons, and only then', () => {
  show();
  expect(text()).not.toContain('Units that were given up');
  const reasons = [
    { reason: 'the lease ran out', volunteers: 5 },
    { reason: 'out of memory', volunteers: 1 },
  ];
  show(page({ failed: [{ runs: [4, 5, 6], reasons }] }));
  expect(box.querySelector('#given-up ~ .scroll-box a')?.textContent).toBe('4 to 6');
  expect(text()).toContain('the lease ran out (5 volunteers)');
  expect(text()).toContain('out of memory');
});

test.each([
  ['paused', 'Paused by its researcher. No new work is handed out.'],
  ['cancelled', 'Cancelled by its researcher. No work is handed out any more'],
] as const)('a %s sweep says so and asks nobody for a device', (mode, words) => {
  show(page({ mode }));
  expect(text()).toContain(words);
  expect(text()).not.toContain('Lend this device to this sweep');
});

test('runs that were given up or cancelled are not said to come', () => {
  show();
  const tile = () => box.querySelector('button.heat-cell')?.textContent ?? '';
  expect(tile()).toContain('1 not trained, 7 to come');
  const runs = Array.from({ length: 8 }, (_, i) => run(i, { state: i < 2 ? 'failed' : 'cancelled' }));
  show({ ...page({ mode: 'cancelled', trainingRuns: 0, failedRuns: 2 }), runs, curves: [], live: [] });
  expect(tile()).toContain('no result, 2 failed, 6 not trained');
  expect(tile()).not.toContain('to come');
  expect(text()).toContain('No run was finished.');
});

test('of a sweep with very many cells it is said how many are shown', () => {
  show(page({ cells: 1000 }));
  expect(text()).toContain('Here are 1 of 1000 cells so far');
});

test('a curve that was accepted in part is shown though nobody trains the run now', () => {
  const runs = [run(0, { state: 'waiting', step: 10, segments: 1 }), run(1, { state: 'training' })];
  show({ ...page(), runs, curves: [], live: [curve(0), curve(1)] });
  expect(text()).toContain('1 run in training, as far as its device has told');
  expect(text()).toContain('1 run that nobody is training now, as far as accepted');
});

test('a sweep that grew says so, and which spec the digest is of', async () => {
  show();
  expect(text()).not.toContain('Posted with');
  show(page({ postedRuns: 4, grownAtMs: Date.UTC(2026, 10, 22, 12) }));
  expect(text()).toMatch(/Posted with 4 runs; runs were added later, last on 2[123] November 2026/);
  expect(text()).toContain('digest of the spec as posted (SHA-256)');
  expect(text()).toContain('Spec as it is now');
});

test('what was given up is handed out again when its researcher asks for it', async () => {
  show();
  expect(text()).not.toContain('Hand out again');
  show(page({ failedRuns: 3 }));
  fill('Researcher token', 'tg_x');
  press('Hand out again what was given up: 3 runs');
  await expect.poll(() => changes).toBe(1);
  expect(sent.map(({ body }) => body)).toEqual([{ retry: true }]);
});

test('the parts of the data are listed with their digests and a recipe', async () => {
  const part = { url: `/api/sweeps/${ID}/data/0.parquet`, runs: 512, rows: 69_120, bytes: 812_345 };
  data = { parts: [{ ...part, sha256: '12'.repeat(32) }], pendingRuns: 3 };
  show();
  await expect.poll(text).toContain('3 runs finished since are in no part yet');
  expect(text()).toContain('812 kB');
  expect(text()).toContain('12'.repeat(32));
  expect(text()).toContain(`FROM read_parquet([\n  '${location.origin}${part.url}'`);
});

test('without a token nothing is sent, and the field for it gets the focus', () => {
  show();
  (box.querySelector('.researcher') as HTMLDetailsElement).open = true;
  press('Pause the sweep');
  expect(box.querySelector('[role=alert]')?.textContent).toContain('Give your researcher token first.');
  expect((document.activeElement as HTMLInputElement).type).toBe('password');
  expect(sent).toEqual([]);
});

test('a pause is sent with the token, which stays out of the address and of storage unless it is to be kept', async () => {
  show();
  fill('Researcher token', 'tg_secret');
  press('Pause the sweep');
  await expect.poll(() => changes).toBe(1);
  expect(sent).toEqual([{ url: `/api/sweeps/${ID}`, token: 'Bearer tg_secret', body: { mode: 'paused' } }]);
  expect(text()).toContain('Paused. What devices have in hand they may finish, and it counts.');
  expect(JSON.stringify({ ...sessionStorage, ...localStorage })).not.toContain('tg_secret');
  expect(location.href).not.toContain('tg_secret');
  act(() => box.querySelector<HTMLInputElement>('.researcher input[type=checkbox]')?.click());
  press('Pause the sweep');
  await expect.poll(() => changes).toBe(2);
  expect(JSON.stringify({ ...sessionStorage })).toContain('tg_secret');
  expect(JSON.stringify({ ...localStorage })).not.toContain('tg_secret');
});

test('a cancellation is asked for twice, and says what happens to work in hand', async () => {
  show();
  fill('Researcher token', 'tg_x');
  press('Cancel the sweep …');
  expect(text()).toContain('What a device has in hand now it may still finish, and that counts.');
  press('Keep the sweep');
  expect(sent).toEqual([]);
  press('Cancel the sweep …');
  press('Cancel it for good');
  await expect.poll(() => changes).toBe(1);
  expect(sent.map(({ body }) => body)).toEqual([{ mode: 'cancelled' }]);
});

test('what the server has against a number is said beside its field', async () => {
  const problems = [{ field: 'seeds', value: '9', expected: '20 or more' }];
  const error = { code: 'bad-request', message: 'The change does not fit.', problems };
  answer = () => Response.json({ error }, { status: 400 });
  show();
  fill('Researcher token', 'tg_x');
  const input = fill('Seeds for each configuration', '9');
  act(() => input.form?.requestSubmit());
  press('Add them');
  await expect.poll(text).toContain('seeds: 9 is not allowed; use 20 or more. Now 8.');
  expect(input.getAttribute('aria-invalid')).toBe('true');
  expect(box.querySelector(`#${input.getAttribute('aria-describedby')}`)?.textContent).toContain(
    '20 or more',
  );
  expect(sent.map(({ body }) => body)).toEqual([{ seeds: 9 }]);
  expect(changes).toBe(0);
  fill('Seeds for each configuration', '1.5');
  expect(text()).not.toContain('is not allowed');
});

test('runs are added only after their number and cost were told, and a number that fits nothing is not sent', async () => {
  show();
  fill('Researcher token', 'tg_x');
  const ask = (seeds: string) => {
    const input = fill('Seeds for each configuration', seeds);
    act(() => input.form?.requestSubmit());
  };
  ask('4');
  expect(text()).toContain('seeds: 4 is not allowed; use 8 or more. Now 8.');
  ask('800');
  expect(text()).toMatch(
    /This adds 792 runs, to 800 in all, 100 times as many as now: .*FLOP of work instead of/,
  );
  press('Leave it as it is');
  expect(sent).toEqual([]);
  ask('16');
  press('Add them');
  await expect.poll(() => changes).toBe(1);
  expect(sent.map(({ body }) => body)).toEqual([{ seeds: 16 }]);
});
