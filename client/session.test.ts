import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeWorker, stubbedStorage, stubbedTab } from '../test/fake-page.ts';
import type { EngineChoice, FromWorker } from './engine/messages.ts';
import { createSession } from './session.ts';

const [identify, loadIdentity, isIdentityKept] = vi.hoisted(() => [vi.fn(), vi.fn(), vi.fn(() => true)]);
vi.mock('./identity.ts', () => ({
  ...{ identify, loadIdentity, keepConsent: () => {}, forgetIdentity: () => {}, isIdentityKept },
}));

const options = { prefers: null, name: null };
const known = { token: 't', deviceId: 'd' };
const phase = (name: 'training' | 'stopped'): FromWorker => ({ type: 'phase', phase: name, words: name });

beforeEach(() => {
  FakeWorker.all = [];
  loadIdentity.mockReturnValue(known);
  vi.stubGlobal('Worker', FakeWorker);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('Start, Stop and Start while registering make one worker, and Stop ends it', async () => {
  const replies: ((identity: typeof known) => void)[] = [];
  identify.mockImplementation(() => new Promise((resolve) => replies.push(resolve)));
  const session = createSession();
  const first = session.start(options);
  session.stop();
  const second = session.start(options);
  for (const reply of replies) reply(known);
  await Promise.all([first, second]);
  expect(FakeWorker.all.map(({ told }) => told)).toEqual([['start']]);
  session.stop();
  vi.runAllTimers();
  expect(session.state.value.status).toBe('off');
  expect(FakeWorker.all[0]?.isEnded).toBe(true);
});

test('a registration that fails after Stop is no problem of the next start', async () => {
  identify.mockRejectedValueOnce(new Error('unreachable')).mockResolvedValueOnce(known);
  const session = createSession();
  const first = session.start(options);
  session.stop();
  await Promise.all([first, session.start(options)]);
  expect(session.state.value).toMatchObject({ status: 'on', problem: null });
});

test('what a worker says after it was ended is not heard', async () => {
  identify.mockResolvedValue(known);
  const session = createSession();
  await session.start(options);
  FakeWorker.all[0]?.says(phase('stopped'));
  await session.start(options);
  FakeWorker.all[0]?.says(phase('stopped'));
  expect(session.state.value.status).toBe('on');
  FakeWorker.all[1]?.says(phase('training'));
  expect(session.state.value.phase).toBe('training');
});

test('the engine that was chosen is handed to the worker of the next start, until it fails or is measured again', async () => {
  identify.mockResolvedValue(known);
  const storage = stubbedStorage();
  const choice: EngineChoice = {
    ...{ engine: 'wasm', version: '1', device: 'processor', replicas: 2, msPerStep: 0.1, flopsPerSecond: 1 },
    ...{ trials: [], measuredAtMs: 1, release: '1', machine: '' },
  };
  const session = createSession();
  /** Starts, hears the worker say so, and ends; what the worker was told is known of the engine. */
  const visit = async (...says: FromWorker[]) => {
    await session.start(options);
    const worker = FakeWorker.all.at(-1) as FakeWorker;
    const { last } = worker;
    for (const message of [...says, phase('stopped')]) worker.says(message);
    return last?.type === 'start' ? last.known : undefined;
  };
  const engine = { type: 'engine', choice, isStored: false } as const;
  expect(await visit({ ...engine, keep: false })).toBeNull();
  expect(await visit({ ...engine, keep: true })).toBeNull();
  expect(await visit({ type: 'engine-failed', engine: 'wasm' })).toEqual(choice);
  expect(await visit({ ...engine, keep: true })).toBeNull();
  session.measure();
  expect(await visit({ ...engine, keep: true })).toBeNull();
  expect(await visit()).toEqual(choice);
  storage.set('tabgrad.engine', '{"engine":5}');
  expect(await visit()).toBeNull();
});

const outdated: FromWorker = { type: 'reload', words: 'reload this page' };
const prefers = { sweepId: 'demo-00000000', researcher: null };

test('a page that the server has outgrown is loaded anew once, and training goes on by itself', async () => {
  identify.mockResolvedValue(known);
  const reload = stubbedTab();
  await createSession().start({ prefers, name: null });
  FakeWorker.all[0]?.says(outdated);
  expect([reload.mock.calls.length, FakeWorker.all[0]?.isEnded]).toEqual([1, true]);

  const renewed = createSession();
  await vi.waitFor(() => expect(FakeWorker.all).toHaveLength(2));
  expect(FakeWorker.all[1]?.last).toMatchObject({ type: 'start', prefers });
  FakeWorker.all[1]?.says(outdated);
  expect(reload.mock.calls.length).toBe(1);
  expect(renewed.state.value).toMatchObject({
    status: 'off',
    problem: expect.stringContaining('loading the page again did not bring it'),
  });
});

const presses = {
  Stop: ['stop'],
  'Stop, then Resume': ['stop', 'pause', 'resume'],
  Finish: ['finish'],
  'Finish, Pause and Resume': ['finish', 'pause', 'resume'],
} as const;

test.each(Object.entries(presses))(
  'a page that is loaded anew after %s starts nothing',
  async (_, pressed) => {
    identify.mockResolvedValue(known);
    const reload = stubbedTab();
    const session = createSession();
    await session.start(options);
    for (const press of pressed) session[press]();
    FakeWorker.all[0]?.says(outdated);
    expect(reload.mock.calls.length).toBe(1);
    for (let visit = 0; visit < 2; visit++) expect(createSession().state.value.status).toBe('off');
    expect(FakeWorker.all).toHaveLength(1);
  },
);

test('Pause and Resume leave Finish in force, and after Stop nothing more is asked of the worker', async () => {
  identify.mockResolvedValue(known);
  const session = createSession();
  await session.start(options);
  session.finish();
  session.pause();
  session.resume();
  expect(session.state.value.status).toBe('finishing');
  session.stop();
  for (const press of [session.resume, session.pause, session.measure, session.finish]) press();
  expect(FakeWorker.all[0]?.told).toEqual(['start', 'finish', 'pause', 'resume', 'stop']);
});

test('a worker that dies is not begun again, neither here nor by a reload', async () => {
  identify.mockResolvedValue(known);
  stubbedTab();
  const session = createSession();
  await session.start(options);
  FakeWorker.all[0]?.onerror?.({ message: 'out of memory' });
  expect(session.state.value).toMatchObject({
    status: 'off',
    problem: expect.stringContaining('out of memory'),
  });
  FakeWorker.all[0]?.says(outdated);
  vi.runAllTimers();
  createSession();
  expect(FakeWorker.all).toHaveLength(1);
});

test('a browser that was forgotten in another tab is not registered anew by a reload', async () => {
  identify.mockResolvedValue(known);
  stubbedTab();
  await createSession().start(options);
  FakeWorker.all[0]?.says(outdated);
  loadIdentity.mockReturnValue(null);
  expect(createSession().state.value.status).toBe('off');
  expect(FakeWorker.all).toHaveLength(1);
});

test('Pause while this browser registers holds until Resume', async () => {
  let reply: (identity: typeof known) => void = () => {};
  identify.mockImplementation(() => new Promise((resolve) => (reply = resolve)));
  const session = createSession();
  const begun = session.start(options);
  session.pause();
  reply(known);
  await begun;
  expect([session.state.value.status, FakeWorker.all[0]?.told]).toEqual(['paused', ['start', 'pause']]);
  session.resume();
  expect([session.state.value.status, FakeWorker.all[0]?.told.at(-1)]).toEqual(['on', 'resume']);
});

test('whoever comes back to a tab later than its reload took presses Start again', async () => {
  identify.mockResolvedValue(known);
  stubbedTab();
  await createSession().start(options);
  FakeWorker.all[0]?.says(outdated);
  vi.setSystemTime(Date.now() + 61_000);
  expect(createSession().state.value.status).toBe('off');
  expect(FakeWorker.all).toHaveLength(1);
});

test('a second tab is told that another trains, and starts nothing when that one ends', async () => {
  identify.mockResolvedValue(known);
  const reload = stubbedTab();
  const session = createSession();
  await session.start(options);
  FakeWorker.all[0]?.says({ type: 'problem', words: 'Another tab trains.', fatal: true, code: null });
  vi.runAllTimers();
  expect([FakeWorker.all.length, FakeWorker.all[0]?.isEnded, reload.mock.calls.length]).toEqual([1, true, 0]);
  expect(session.state.value).toMatchObject({ status: 'off', problem: 'Another tab trains.' });
});

test('where a tab remembers nothing, no page is loaded anew: it might go on for ever', async () => {
  identify.mockResolvedValue(known);
  const reload = stubbedTab();
  vi.stubGlobal('sessionStorage', undefined);
  const session = createSession();
  await session.start(options);
  FakeWorker.all[0]?.says(outdated);
  expect(reload).not.toHaveBeenCalled();
  expect(session.state.value.problem).toContain('newer version');
});
