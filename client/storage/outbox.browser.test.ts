import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { browserOutbox } from './outbox-browser.ts';

type Run = { run: number; text: string };
const isRun = (value: unknown): value is Run => typeof (value as Run | null)?.run === 'number';

const module = new URL('./outbox-browser.ts', import.meta.url).href;
let database: string;
let troubles: string[];
let workers: Worker[];

beforeEach(() => {
  database = `outbox-${crypto.randomUUID()}`;
  troubles = [];
  workers = [];
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  for (const worker of workers) worker.terminate();
  await new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(database);
    request.onsuccess = request.onerror = resolve;
  });
});

const open = () =>
  browserOutbox<Run>({ database, accepts: isRun, onTrouble: (words) => troubles.push(words) });
const runs = async () => (await open().all()).map(({ value }) => value.run).sort((a, b) => a - b);

/** A worker that puts one run after the other and tells of each that is kept. */
function tab(): { worker: Worker; told: number[] } {
  const code = `
    import { browserOutbox } from '${module}';
    const outbox = browserOutbox({ database: '${database}', accepts: () => true, onTrouble: postMessage });
    for (let run = 0; ; run++) {
      await outbox.put(String(run), { run, text: 'x'.repeat(4000) });
      postMessage(run);
    }`;
  const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), {
    type: 'module',
  });
  const told: number[] = [];
  worker.onmessage = ({ data }) => void told.push(data);
  workers.push(worker);
  return { worker, told };
}

/** Writes past the outbox, as another version or a broken disk might. */
async function tamper(act: (store: IDBObjectStore) => void): Promise<void> {
  await open().all();
  const request = indexedDB.open(database);
  await new Promise((resolve) => {
    request.onsuccess = resolve;
  });
  const transaction = request.result.transaction('results', 'readwrite');
  act(transaction.objectStore('results'));
  await new Promise((resolve) => {
    transaction.oncomplete = resolve;
  });
  request.result.close();
}

test('finished work outlives the page that finished it', async () => {
  const outbox = open();
  await outbox.put('sweep/1', { run: 1, text: 'é' });
  await outbox.put('sweep/2', { run: 2, text: '' });
  await outbox.put('sweep/3', { run: 3, text: '' });
  await outbox.remove(['sweep/2', 'never kept']);
  const kept = await open().all();
  expect(kept.map(({ key, value }) => [key, value])).toEqual([
    ['sweep/1', { run: 1, text: 'é' }],
    ['sweep/3', { run: 3, text: '' }],
  ]);
  expect(Math.abs(Date.now() - (kept[0]?.keptAtMs ?? 0))).toBeLessThan(60_000);
  expect(troubles).toEqual([]);
});

test('a tab killed between two puts, or in one, loses nothing that it had put', async () => {
  const { worker, told } = tab();
  await expect.poll(() => told.length, { timeout: 30_000 }).toBeGreaterThan(20);
  worker.terminate();
  expect(await runs()).toEqual(expect.arrayContaining(told));
  expect(troubles).toEqual([]);
});

test('two tabs put at the same time without harm', async () => {
  const [one, two] = [open(), open()];
  const each = Array.from({ length: 50 }, (_, run) => run);
  await Promise.all(each.map((run) => (run % 2 ? one : two).put(`${run}`, { run, text: '' })));
  await Promise.all([one.remove(['0', '1', '2']), two.remove(['1', '2', '3'])]);
  expect(await runs()).toEqual(each.slice(4));
  expect(troubles).toEqual([]);
});

test('500 finished runs are kept, and found again in moments', { timeout: 60_000 }, async () => {
  const outbox = open();
  for (let run = 0; run < 500; run++) await outbox.put(`${run}`, { run, text: 'x'.repeat(4000) });
  const from = performance.now();
  expect(await runs()).toHaveLength(500);
  expect(performance.now() - from).toBeLessThan(2000);
});

test('entries of another version or damaged ones are removed and said', async () => {
  const outbox = open();
  await outbox.put('good', { run: 1, text: '' });
  await tamper((store) => {
    store.put({ key: 'of another version', keptAtMs: Date.now(), value: { epoch: 3 } });
    store.put({ key: 'half', keptAtMs: Date.now() });
    store.put({ key: 7, keptAtMs: Date.now(), value: { run: 1, text: '' } });
  });
  expect(await runs()).toEqual([1]);
  expect(troubles).toEqual(['3 finished results were damaged on this device and cannot be sent.']);
  troubles = [];
  expect(await runs()).toEqual([1]);
  expect(troubles).toEqual([]);
});

test('a value that the browser cannot read back takes no other along', async () => {
  for (const run of [1, 2, 3]) await open().put(`${run}`, { run, text: '' });
  const { get } = IDBObjectStore.prototype;
  vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore, key) {
    // Adding a key that exists fails as a read of a lost blob does: an error event on the request.
    if (key !== '2') return get.call(this, key);
    return this.transaction.db.transaction('results', 'readwrite').objectStore('results').add({ key: '1' });
  });
  expect(await runs()).toEqual([1, 3]);
  expect(troubles).toEqual(['1 finished result was damaged on this device and cannot be sent.']);
  vi.restoreAllMocks();
  expect(await runs()).toEqual([1, 3]);
});

const request = (): IDBOpenDBRequest => {
  const one = { error: new DOMException('private', 'InvalidStateError') } as IDBOpenDBRequest;
  queueMicrotask(() => one.onerror?.(new Event('error')));
  return one;
};
const denied = () => {
  throw new DOMException('denied', 'SecurityError');
};

test.each([
  ['throws', { open: denied }],
  ['fails', { open: request }],
  ['is missing', undefined],
])('where IndexedDB %s, finished work lives in the tab and the volunteer is told', async (_, stub) => {
  vi.stubGlobal('indexedDB', stub);
  const outbox = open();
  await outbox.put('a', { run: 1, text: '' });
  await outbox.put('b', { run: 2, text: '' });
  await outbox.remove(['a']);
  expect((await outbox.all()).map(({ key }) => key)).toEqual(['b']);
  expect(troubles).toHaveLength(1);
  expect(troubles[0]).toContain('leave it open');
  vi.unstubAllGlobals();
});

test('an outbox of a later version that took the name is left alone', async () => {
  const request = indexedDB.open(database, 2);
  request.onupgradeneeded = () => request.result.createObjectStore('results', { keyPath: 'key' });
  await new Promise((resolve) => {
    request.onsuccess = resolve;
  });
  request.result.close();
  const outbox = open();
  await outbox.put('a', { run: 1, text: '' });
  expect(await outbox.all()).toHaveLength(1);
  expect(troubles[0]).toContain('VersionError');
});

test('data cleared under a running tab: what comes after is kept anew', async () => {
  const outbox = open();
  await outbox.put('a', { run: 1, text: '' });
  await new Promise((resolve) => {
    indexedDB.deleteDatabase(database).onsuccess = resolve;
  });
  await outbox.put('b', { run: 2, text: '' });
  expect(await runs()).toEqual([2]);
  expect(troubles).toEqual([]);
});

test.each([
  [
    'refuses the value',
    () => {
      throw new DOMException('no space', 'QuotaExceededError');
    },
  ],
  [
    'aborts the transaction',
    function (this: IDBObjectStore) {
      this.transaction.abort();
    },
  ],
])('a full disk that %s leaves finished work in memory; with room again, all is kept', async (_, full) => {
  const outbox = open();
  await outbox.put('0', { run: 0, text: '' });
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(full as () => never);
  for (const run of [1, 2]) await outbox.put(`${run}`, { run, text: '' });
  expect(await outbox.all()).toHaveLength(3);
  expect(await runs()).toEqual([0]);
  expect(troubles).toHaveLength(1);
  put.mockRestore();
  await outbox.put('3', { run: 3, text: '' });
  expect(await runs()).toEqual([0, 1, 2, 3]);
});
