import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Tabs } from './tabs.ts';
import { alone } from './training-lock.ts';

/** Locks as browsers have them, for one name: who came first goes first, shared ones together. */
class FakeLocks {
  private held: ('shared' | 'exclusive')[] = [];
  private queue: { mode: 'shared' | 'exclusive'; begin: () => void }[] = [];

  async request(_: string, { mode = 'exclusive' as const, signal }: LockOptions, act: () => unknown) {
    await new Promise<void>((resolve, reject) => {
      const entry = { mode, begin: resolve };
      this.queue.push(entry);
      signal?.addEventListener('abort', () => {
        this.queue = this.queue.filter((other) => other !== entry);
        reject(signal.reason);
      });
      this.grant();
    });
    try {
      return await act();
    } finally {
      this.held.splice(this.held.indexOf(mode), 1);
      this.grant();
    }
  }

  async query() {
    return { held: this.held.map((mode) => ({ name: 'tabgrad training', mode })) };
  }

  private grant() {
    for (let [next] = this.queue; next; [next] = this.queue) {
      if (this.held.length > 0 && (next.mode === 'exclusive' || this.held.includes('exclusive'))) return;
      this.held.push(next.mode);
      this.queue.shift();
      next.begin();
    }
  }
}

class FakeChannel {
  static all: FakeChannel[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  constructor() {
    FakeChannel.all.push(this);
  }
  postMessage(data: unknown) {
    for (const other of FakeChannel.all)
      if (other !== this) queueMicrotask(() => other.onmessage?.({ data }));
  }
  close() {
    FakeChannel.all = FakeChannel.all.filter((one) => one !== this);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('BroadcastChannel', FakeChannel);
  vi.stubGlobal('navigator', { locks: new FakeLocks() });
  // Those of the platform follow no fake clock.
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const control = new AbortController();
    setTimeout(() => control.abort(new Error('too late')), ms);
    return control.signal;
  });
});
afterEach(() => {
  FakeChannel.all = [];
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const settled = () => vi.advanceTimersByTimeAsync(0);

/** A tab that trains until it is told to end; it ends when it is asked, unless it is deaf. */
function tab({ isDeaf = false } = {}) {
  const it = { elsewhere: false, trains: false, end: () => {} };
  const tabs = new Tabs({
    onElsewhere: (elsewhere) => {
      it.elsewhere = elsewhere;
    },
    onYield: () => !isDeaf && it.end(),
    isOwn: () => it.trains,
  });
  const train = () =>
    alone(
      () =>
        new Promise<void>((resolve) => {
          it.trains = true;
          it.end = () => {
            it.trains = false;
            resolve();
          };
        }),
    );
  return Object.assign(it, { tabs, train });
}

test('a tab knows whether another one trains, from the first look on and until that ends', async () => {
  const [a, b] = [tab(), tab()];
  await settled();
  expect([a.elsewhere, b.elsewhere]).toEqual([false, false]);
  void a.train();
  await settled();
  expect([a.elsewhere, b.elsewhere]).toEqual([false, true]);
  const late = tab();
  await settled();
  expect(late.elsewhere).toBe(true);
  a.end();
  await settled();
  expect([a.elsewhere, b.elsewhere, late.elsewhere]).toEqual([false, false, false]);
});

test('one tab at a time trains; another one waits for a moment and starts nothing', async () => {
  const [a, b] = [tab(), tab()];
  void a.train();
  await settled();
  const second = b.train();
  await vi.advanceTimersByTimeAsync(1000);
  expect([await second, b.trains]).toEqual([false, false]);
});

test('a tab takes over from the one that trains, though others look on', async () => {
  const [a, b] = [tab(), tab(), tab()];
  void a.train();
  await settled();
  expect(await b.tabs.takeOver()).toBe(true);
  void b.train();
  await settled();
  expect([a.trains, b.trains, a.elsewhere]).toEqual([false, true, true]);
});

test('a tab that does not answer is not waited for longer than ten seconds', async () => {
  const [a, b] = [tab({ isDeaf: true }), tab()];
  void a.train();
  await settled();
  const taking = b.tabs.takeOver();
  await vi.advanceTimersByTimeAsync(10_000);
  expect([await taking, a.trains]).toEqual([false, true]);
});

test('what fails while it trains is no matter of tabs', async () => {
  await expect(alone(() => Promise.reject(new Error('no engine')))).rejects.toThrow('no engine');
});

test('a browser without locks trains, and knows of no other tab', async () => {
  vi.stubGlobal('navigator', {});
  const a = tab();
  void a.train();
  await settled();
  expect([a.trains, a.elsewhere, await a.tabs.takeOver()]).toEqual([true, false, true]);
});
