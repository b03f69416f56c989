// What holds a session: pauses, settings, other tabs, and a browser that keeps nothing.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeWorker, stubbedStorage, stubbedTab } from '../test/fake-page.ts';
import type { FromWorker } from './engine/messages.ts';
import { createSession } from './session.ts';

const [identify, loadIdentity, isIdentityKept] = vi.hoisted(() => [vi.fn(), vi.fn(), vi.fn(() => true)]);
vi.mock('./identity.ts', () => ({
  ...{ identify, loadIdentity, keepConsent: () => {}, forgetIdentity: () => {}, isIdentityKept },
}));

const options = { prefers: null, name: null };
const known = { token: 't', deviceId: 'd' };

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

const outdated: FromWorker = { type: 'reload', words: 'reload this page' };
const prefers = { sweepId: 'demo-00000000', researcher: null };

test('a pause stays one through reloads: nothing computes until Resume, and Stop ends it', async () => {
  identify.mockResolvedValue(known);
  stubbedTab();
  vi.setSystemTime(5000);
  const session = createSession();
  await session.start({ prefers, name: null });
  session.pause();
  for (let visit = 0; visit < 2; visit++) {
    const { state } = createSession();
    expect(state.value).toMatchObject({ status: 'paused', phase: 'paused', pausedBefore: { atMs: 5000 } });
  }
  expect(FakeWorker.all).toHaveLength(1);

  const resumed = createSession();
  resumed.resume();
  expect(resumed.state.value).toMatchObject({ status: 'on', pausedBefore: null });
  await vi.waitFor(() => expect(FakeWorker.all).toHaveLength(2));
  expect(FakeWorker.all[1]?.last).toMatchObject({ type: 'start', prefers });
  expect(createSession().state.value.status).toBe('off');

  resumed.pause();
  const stopped = createSession();
  stopped.stop();
  expect(stopped.state.value).toMatchObject({ status: 'off', pausedBefore: null });
  expect(createSession().state.value.status).toBe('off');
  expect(FakeWorker.all).toHaveLength(2);
});

test('a page that the server has outgrown while it was paused comes back paused', async () => {
  identify.mockResolvedValue(known);
  const reload = stubbedTab();
  const session = createSession();
  await session.start(options);
  session.pause();
  FakeWorker.all[0]?.says(outdated);
  expect(reload).toHaveBeenCalledOnce();
  expect(createSession().state.value.status).toBe('paused');
  expect(FakeWorker.all).toHaveLength(1);
});

test('a pause is over when its training has ended, and when this browser was forgotten', async () => {
  identify.mockResolvedValue(known);
  stubbedTab();
  const session = createSession();
  await session.start(options);
  session.pause();
  loadIdentity.mockReturnValueOnce(null);
  expect(createSession().state.value.status).toBe('off');
  FakeWorker.all[0]?.onerror?.({ message: 'out of memory' });
  expect(createSession().state.value.status).toBe('off');
});

test('runs that were to be the last before a reload are the last after it', async () => {
  identify.mockResolvedValue(known);
  stubbedTab();
  const session = createSession();
  await session.start(options);
  session.finish();
  session.pause();
  const resumed = createSession();
  resumed.resume();
  await vi.waitFor(() => expect(FakeWorker.all).toHaveLength(2));
  const group: FromWorker = {
    ...{
      type: 'group',
      sweepId: 'demo-00000000',
      title: 'Demo',
      sweepRuns: 1,
      runs: [],
      from: 0,
      points: [],
    },
    ...{ engine: 'wasm', device: '', steps: 10, threshold: 1, keptBy: null },
  };
  expect(FakeWorker.all[1]?.told).toEqual(['start']);
  FakeWorker.all[1]?.says(group);
  expect(FakeWorker.all[1]?.told).toEqual(['start', 'finish']);
  expect(resumed.state.value.status).toBe('finishing');
});

test('settings are kept, and the worker follows them at once', async () => {
  identify.mockResolvedValue(known);
  const storage = stubbedStorage();
  vi.setSystemTime(new Date(2026, 10, 22, 12, 0));
  const session = createSession();
  session.change({ duty: 25 });
  await session.start(options);
  const worker = FakeWorker.all[0] as FakeWorker;
  expect(worker.last).toMatchObject({ type: 'start', rule: { duty: 0.25, rest: null } });
  session.change({ hours: { from: 22, to: 7 } });
  expect(worker.last).toEqual({ type: 'rule', rule: { duty: 0.25, rest: { why: 'hours', until: 22 } } });
  expect(session.state.value).toMatchObject({ duty: 0.25, rest: { why: 'hours', until: 22 } });
  vi.setSystemTime(new Date(2026, 10, 22, 21, 59, 30));
  vi.advanceTimersByTime(60_000);
  expect(worker.last).toEqual({ type: 'rule', rule: { duty: 0.25, rest: null } });
  expect(session.state.value.rest).toBeNull();
  session.change({ cause: prefers });
  expect(worker.last).toEqual({ type: 'prefers', prefers });
  expect(JSON.parse(storage.get('tabgrad.settings') ?? '')).toMatchObject({ duty: 25, cause: prefers });
  expect(createSession().settings.value).toMatchObject({ duty: 25, hours: { from: 22, to: 7 } });
});

test('nothing is said to rest while nothing is on', () => {
  vi.setSystemTime(new Date(2026, 10, 22, 12, 0));
  const session = createSession();
  session.change({ hours: { from: 22, to: 7 } });
  expect(session.state.value.rest).toBeNull();
});

test('views are asked for only while they are wanted, and forgotten after', async () => {
  identify.mockResolvedValue(known);
  const session = createSession();
  await session.start(options);
  const [worker] = FakeWorker.all as [FakeWorker];
  session.wantShow(false);
  session.wantShow(true);
  worker.says({
    type: 'view',
    view: { sweepId: '', run: 0, step: 3, tookMs: 1, parameters: [], residues: null },
  });
  expect(session.state.value.view?.step).toBe(3);
  session.wantShow(false);
  expect(session.state.value.view).toBeNull();
  expect(worker.told).toEqual(['start', 'show', 'show']);
});

test('taking over from another tab starts here, for the cause that is set; as nobody it starts nothing', async () => {
  identify.mockResolvedValue(known);
  stubbedStorage().set('tabgrad.settings', JSON.stringify({ cause: prefers }));
  loadIdentity.mockReturnValue(null);
  await createSession().takeOver();
  expect(FakeWorker.all).toEqual([]);
  loadIdentity.mockReturnValue(known);
  const session = createSession();
  await session.takeOver();
  expect(FakeWorker.all[0]?.last).toMatchObject({ type: 'start', prefers });
  expect(session.state.value.log.map(({ words }) => words)).toContain('Asking the other tab to hand over');
  await session.takeOver();
  expect(FakeWorker.all).toHaveLength(1);
});

test('a browser that keeps nothing says so, and everything works for this visit', async () => {
  identify.mockResolvedValue(known);
  isIdentityKept.mockReturnValueOnce(false);
  const refuses = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  for (const storage of ['localStorage', 'sessionStorage'])
    vi.stubGlobal(storage, { getItem: refuses, setItem: refuses, removeItem: refuses });
  const session = createSession();
  session.change({ duty: 30 });
  await session.start(options);
  const [worker] = FakeWorker.all as [FakeWorker];
  expect(worker.last).toMatchObject({ type: 'start', rule: { duty: 0.3 } });
  expect(session.state.value.log[0]?.words).toContain('keeps nothing of this site');
  session.pause();
  session.resume();
  session.finish();
  expect(worker.told).toEqual(['start', 'pause', 'resume', 'finish']);
});
