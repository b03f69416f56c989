// Finished work on its way to the server. It is kept on the device before it is first sent and leaves only when the
// caller says that the server has given its verdict; where the device keeps nothing, it lives on in memory.

import type { Trouble, Worry } from '../volunteer/trouble.ts';
import { telling } from '../words/telling.ts';

export interface Entry<T> {
  key: string;
  value: T;
  keptAtMs: number;
}

export interface Outbox<T> {
  /** Everything kept, oldest first. Where storage is refused, what memory holds. */
  all(): Promise<Entry<T>[]>;
  /** Resolves when the value, plain JSON, is safe or, storage being full or refused, in memory. Replaces the same key. */
  put(key: string, value: T): Promise<void>;
  /** Forgets entries; safe to repeat. Should storage refuse, they are back after a restart: a duplicate, no loss. */
  remove(keys: readonly string[]): Promise<void>;
}

/** Where entries are kept. Every method may reject; a write is whole or has not happened. */
export interface OutboxStore {
  /** What can be read; what cannot is removed and counted. */
  read(): Promise<{ entries: Entry<unknown>[]; damaged: number }>;
  write(entry: Entry<unknown>): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
}

export interface OutboxOptions<T> {
  /** Whether a value that was kept, perhaps by an older version, can still be sent. */
  accepts: (value: unknown) => value is T;
  /** Told once about each kind of trouble, in words for the volunteer. */
  onTrouble: Worry;
  /** Gives up what is worth less, where storage is full. */
  makeRoom?: () => Promise<void>;
  entriesMax?: number;
  /** How long storage may take to answer before it counts as refused. */
  patienceMs?: number;
  nowMs?: () => number;
}

export const OUTBOX_ENTRIES_MAX = 2000;
const PATIENCE_MS = 5000;

export const isEntry = (value: unknown): value is Entry<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Entry<unknown>).key === 'string' &&
  Number.isFinite((value as Entry<unknown>).keptAtMs) &&
  'value' in value;

/** An outbox that lives as long as the page or program. */
export function memoryOutbox<T>(onTrouble: Worry = () => {}): Outbox<T> {
  const kept = new Map<string, Entry<unknown>>();
  const store: OutboxStore = {
    read: async () => ({ entries: [...kept.values()], damaged: 0 }),
    write: async (entry) => void kept.set(entry.key, entry),
    remove: async (keys) => keys.forEach((key) => void kept.delete(key)),
  };
  return new KeptOutbox<T>(store, { accepts: (_value): _value is T => true, onTrouble });
}

export class KeptOutbox<T> implements Outbox<T> {
  private readonly store: OutboxStore;
  private readonly options: Required<OutboxOptions<T>>;
  /** What storage would not take: tried again with every later put. */
  private readonly memory = new Map<string, Entry<T>>();
  /** What storage would not give up: tried again with every later removal. */
  private readonly gone = new Set<string>();
  /** When each entry in storage was kept; null until storage has been read. */
  private times: Map<string, number> | null = null;
  private readonly said = new Set<Trouble>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(store: OutboxStore, options: OutboxOptions<T>) {
    this.store = store;
    this.options = {
      entriesMax: OUTBOX_ENTRIES_MAX,
      patienceMs: PATIENCE_MS,
      nowMs: Date.now,
      makeRoom: async () => {},
      ...options,
    };
  }

  all(): Promise<Entry<T>[]> {
    return this.inTurn(async () => {
      const entries = new Map((await this.read()).map((entry) => [entry.key, entry]));
      for (const entry of this.memory.values()) entries.set(entry.key, entry);
      return [...entries.values()].sort((a, b) => a.keptAtMs - b.keptAtMs);
    });
  }

  put(key: string, value: T): Promise<void> {
    const entry = { key, value, keptAtMs: this.options.nowMs() };
    return this.inTurn(async () => {
      if (this.times === null) await this.read();
      this.gone.delete(key);
      this.memory.set(key, entry);
      if (await this.keeps(entry)) {
        for (const waiting of [...this.memory.values()]) if (!(await this.keeps(waiting))) break;
      }
      await this.dropOldest();
    });
  }

  remove(keys: readonly string[]): Promise<void> {
    return this.inTurn(() => this.forget(keys));
  }

  private async forget(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.memory.delete(key);
      this.times?.delete(key);
      this.gone.add(key);
    }
    if (this.gone.size === 0) return;
    const isGone = await this.patiently(this.store.remove([...this.gone])).then(
      () => true,
      () => false,
    );
    if (isGone) this.gone.clear();
  }

  /** Moves an entry from memory to storage, if that takes it. */
  private async keeps(entry: Entry<T>): Promise<boolean> {
    try {
      await this.written(entry);
    } catch (error) {
      this.refused(error);
      return false;
    }
    this.times?.set(entry.key, entry.keptAtMs);
    this.memory.delete(entry.key);
    return true;
  }

  private async written(entry: Entry<T>): Promise<void> {
    try {
      await this.patiently(this.store.write(entry));
    } catch (error) {
      if ((error as Error).name !== 'QuotaExceededError') throw error;
      await this.patiently(this.options.makeRoom());
      await this.patiently(this.store.write(entry));
    }
  }

  private async read(): Promise<Entry<T>[]> {
    const found = await this.patiently(this.store.read()).catch((error) => this.refused(error));
    if (!found) return [];
    const entries = found.entries.filter(({ key }) => !this.gone.has(key));
    const isGood = (entry: Entry<unknown>): entry is Entry<T> => this.options.accepts(entry.value);
    const good = entries.filter(isGood);
    const damaged = found.damaged + entries.length - good.length;
    if (damaged > 0) this.say('damaged', telling().mishaps.damaged(damaged));
    this.times = new Map(good.map(({ key, keptAtMs }) => [key, keptAtMs]));
    const kept = this.times;
    const lost = entries.flatMap(({ key }) => (kept.has(key) ? [] : [key]));
    if (lost.length > 0) await this.forget(lost);
    const dropped = await this.dropOldest();
    return good.filter(({ key }) => !dropped.has(key));
  }

  private async dropOldest(): Promise<Set<string>> {
    const times = new Map(this.times);
    for (const { key, keptAtMs } of this.memory.values()) times.set(key, keptAtMs);
    const excess = times.size - this.options.entriesMax;
    if (excess <= 0) return new Set();
    const oldestFirst = [...times].sort(([, a], [, b]) => a - b);
    const dropped = oldestFirst.slice(0, excess).map(([key]) => key);
    this.say('undelivered', telling().mishaps.tooMany(this.options.entriesMax));
    await this.forget(dropped);
    return new Set(dropped);
  }

  private refused(error: unknown): void {
    const { name = 'unknown', message = '' } = error instanceof Error ? error : {};
    this.say('notKept', telling().mishaps.workNotKept([name, message].filter(Boolean).join(': ')));
  }

  private say(kind: Trouble, words: string): void {
    if (this.said.has(kind)) return;
    this.said.add(kind);
    this.options.onTrouble(words, kind);
  }

  // One operation after the other: a removal never overtakes the put it follows.
  private inTurn<R>(act: () => Promise<R>): Promise<R> {
    const result = this.last.then(act);
    this.last = result.catch(() => {});
    return result;
  }

  private patiently<R>(work: Promise<R>): Promise<R> {
    const { patienceMs } = this.options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer in ${patienceMs / 1000} s`)), patienceMs);
      work.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}
