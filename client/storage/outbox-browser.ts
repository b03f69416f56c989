import {
  type Entry,
  isEntry,
  KeptOutbox,
  type Outbox,
  type OutboxOptions,
  type OutboxStore,
} from './outbox.ts';

// Another layout of what is kept takes another name: old and new pages then never upgrade under each other.
const DATABASE = 'tabgrad-outbox-1';
const STORE = 'results';

/** The outbox of a browser, in IndexedDB: one for all tabs and workers of an origin. */
export function browserOutbox<T>(options: OutboxOptions<T> & { database?: string }): Outbox<T> {
  return new KeptOutbox(new IndexedDbStore(options.database ?? DATABASE), options);
}

/** What that outbox holds, oldest first. Changes nothing; rejects where it cannot be read. */
export async function peekOutbox(database = DATABASE): Promise<Entry<unknown>[]> {
  const store = new IndexedDbStore(database);
  try {
    const { values } = await store.found();
    return values.filter(isEntry).sort((a, b) => a.keptAtMs - b.keptAtMs);
  } finally {
    await store.close();
  }
}

const answer = <R>(request: IDBRequest<R>): Promise<R> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = (event) => {
      // A value that cannot be read must not take the rest of its transaction along.
      event.preventDefault();
      reject(request.error);
    };
  });

const committed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'));
  });

class IndexedDbStore implements OutboxStore {
  private readonly name: string;
  private opened: Promise<IDBDatabase> | null = null;

  constructor(name: string) {
    this.name = name;
  }

  async read(): Promise<{ entries: Entry<unknown>[]; damaged: number }> {
    const { keys, values } = await this.found();
    const entries = values.filter(isEntry);
    const damaged = keys.filter((_, i) => !isEntry(values[i]));
    if (damaged.length > 0) await this.remove(damaged).catch(() => {});
    return { entries, damaged: damaged.length };
  }

  /** All there is, in one order; null for what cannot be read. */
  async found(): Promise<{ keys: IDBValidKey[]; values: unknown[] }> {
    const store = (await this.open()).transaction(STORE).objectStore(STORE);
    const keys = await answer(store.getAllKeys());
    const values = await Promise.all(keys.map((key) => answer<unknown>(store.get(key)).catch(() => null)));
    return { keys, values };
  }

  async close(): Promise<void> {
    (await this.opened?.catch(() => null))?.close();
    this.opened = null;
  }

  write(entry: Entry<unknown>): Promise<void> {
    return this.change((store) => store.put(entry));
  }

  remove(keys: readonly IDBValidKey[]): Promise<void> {
    return this.change((store) => {
      for (const key of keys) store.delete(key);
    });
  }

  private async change(act: (store: IDBObjectStore) => void): Promise<void> {
    const database = await this.open();
    // Strict: on the disk, not merely with the operating system, before the result is sent.
    const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' });
    const done = committed(transaction);
    act(transaction.objectStore(STORE));
    await done;
  }

  private open(): Promise<IDBDatabase> {
    const forget = () => {
      this.opened = null;
    };
    this.opened ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(this.name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'key' });
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        database.onclose = forget;
        // The volunteer deletes what this site keeps: do not stand in the way.
        database.onversionchange = () => {
          database.close();
          forget();
        };
        resolve(database);
      };
    }).catch((error) => {
      forget();
      throw error;
    });
    return this.opened;
  }
}
