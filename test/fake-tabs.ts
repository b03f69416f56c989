// What the tabs of one browser share: locks, and a channel.
import { vi } from 'vitest';

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

/** A browser with one tab so far; timeouts of signals follow the fake clock. */
export function stubbedTabs(): void {
  FakeChannel.all = [];
  vi.stubGlobal('BroadcastChannel', FakeChannel);
  vi.stubGlobal('navigator', { locks: new FakeLocks() });
  // Those of the platform follow no fake clock.
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const control = new AbortController();
    setTimeout(() => control.abort(new Error('too late')), ms);
    return control.signal;
  });
}
