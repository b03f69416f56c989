// What comes between a session and its training: presses at a bad moment, other tabs, a network that goes, a script that is gone.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeWorker, stubbedStorage, stubbedTab } from '../test/fake-page.ts';
import { stubbedTabs } from '../test/fake-tabs.ts';
import { createSession } from './session.ts';
import { Tabs } from './tabs.ts';
import { alone } from './training-lock.ts';

const [identify, loadIdentity, forgetIdentity] = vi.hoisted(() => [vi.fn(), vi.fn(), vi.fn()]);
vi.mock('./identity.ts', () => ({
  ...{ identify, loadIdentity, forgetIdentity, keepConsent: () => {}, isIdentityKept: () => true },
}));

const options = { prefers: null, name: null };
const known = { token: 't', deviceId: 'd' };

beforeEach(() => {
  FakeWorker.all = [];
  loadIdentity.mockReturnValue(known);
  identify.mockReset().mockResolvedValue(known);
  vi.stubGlobal('Worker', FakeWorker);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Another tab, which trains until it is told to end, or only when it is asked. */
function otherTab({ isDeaf = false } = {}) {
  let end = () => {};
  const it = { trains: false, end: () => end(), yielded: 0 };
  new Tabs({
    onElsewhere: () => {},
    onYield: () => {
      it.yielded++;
      if (!isDeaf) end();
    },
    isOwn: () => it.trains,
  });
  const begun = new Promise<void>((resolve) => {
    void alone(
      () =>
        new Promise<void>((over) => {
          it.trains = true;
          end = () => {
            it.trains = false;
            over();
          };
          resolve();
        }),
    );
  });
  return Object.assign(it, { begun });
}

test('Stop while another tab is asked to hand over starts nothing, though it does', async () => {
  stubbedTabs();
  const other = otherTab({ isDeaf: true });
  await other.begun;
  const session = createSession();
  const taking = session.takeOver();
  await vi.advanceTimersByTimeAsync(1000);
  expect([other.yielded, session.state.value.status]).toEqual([1, 'on']);
  session.stop();
  other.end();
  await vi.advanceTimersByTimeAsync(10_000);
  await taking;
  expect([FakeWorker.all, session.state.value.status]).toEqual([[], 'off']);
  expect(identify).not.toHaveBeenCalled();
});

test('another tab that does not hand over is said to be in the way', async () => {
  stubbedTabs();
  await otherTab({ isDeaf: true }).begun;
  const session = createSession();
  const taking = session.takeOver();
  await vi.advanceTimersByTimeAsync(12_000);
  await taking;
  expect(session.state.value).toMatchObject({ status: 'off', problemKind: 'elsewhere', elsewhere: true });
  expect(FakeWorker.all).toEqual([]);
});

test('a tab that trains stops when another asks, and knows then that this one trains', async () => {
  stubbedTabs();
  const session = createSession();
  await session.start(options);
  const [worker] = FakeWorker.all as [FakeWorker];
  new BroadcastChannel('tabgrad tabs').postMessage('yield');
  await vi.advanceTimersByTimeAsync(0);
  expect(worker.told).toEqual(['start', 'stop']);
  await otherTab().begun;
  worker.says({ type: 'phase', phase: 'stopped', words: 'Stopped' });
  await vi.advanceTimersByTimeAsync(2000);
  expect([session.state.value.status, session.state.value.elsewhere]).toEqual(['off', true]);
});

test('Finish while this browser registers holds for the first runs', async () => {
  let reply: (identity: typeof known) => void = () => {};
  identify.mockImplementation(() => new Promise((resolve) => (reply = resolve)));
  const session = createSession();
  const begun = session.start(options);
  session.finish();
  reply(known);
  await begun;
  expect([session.state.value.status, FakeWorker.all[0]?.told]).toEqual(['finishing', ['start', 'finish']]);
});

test('a worker hears when the network goes and comes back', async () => {
  const listeners = new Map<string, () => void>();
  vi.stubGlobal('window', {});
  vi.stubGlobal(
    'addEventListener',
    (type: string, listener: () => void) => void listeners.set(type, listener),
  );
  const session = createSession();
  listeners.get('online')?.();
  await session.start(options);
  listeners.get('offline')?.();
  listeners.get('online')?.();
  expect(FakeWorker.all[0]?.told).toEqual(['start', 'offline', 'online']);
});

test('a browser that the server no longer knows is somebody new at the next start', async () => {
  const session = createSession();
  await session.start(options);
  FakeWorker.all[0]?.says({ type: 'problem', words: 'Who?', fatal: true, code: 'unauthorized' });
  expect(forgetIdentity).toHaveBeenCalledOnce();
});

test('Resume registers nobody anew where this browser was forgotten while it was paused', async () => {
  stubbedTab();
  const session = createSession();
  await session.start(options);
  session.pause();
  const paused = createSession();
  loadIdentity.mockReturnValue(null);
  paused.resume();
  await vi.advanceTimersByTimeAsync(0);
  expect([paused.state.value.status, FakeWorker.all.length]).toEqual(['off', 1]);
});

test('a rule is told only when it asks for something else', async () => {
  stubbedStorage();
  const session = createSession();
  await session.start(options);
  for (const duty of [100, 50, 50, 50]) session.change({ duty, wakeLock: duty === 100 });
  vi.advanceTimersByTime(600_000);
  expect(FakeWorker.all[0]?.told).toEqual(['start', 'rule']);
});

test('a script that is gone, as after an update, is told from one that fails', async () => {
  stubbedTab();
  const session = createSession();
  await session.start(options);
  FakeWorker.all[0]?.onerror?.({ message: '' });
  expect(session.state.value).toMatchObject({ status: 'off', problemKind: 'notLoaded' });
  await session.start(options);
  FakeWorker.all[1]?.onerror?.({ message: 'WebAssembly.Memory(): could not allocate memory' });
  expect(session.state.value).toMatchObject({ status: 'off', problemKind: 'wasmMemory' });
});
