import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cdp } from 'vitest/browser';
import { browserLocalStates } from './local-states-browser.ts';

const module = new URL('./local-states-browser.ts', import.meta.url).href;
let folder: string;
let workers: Worker[];

beforeEach(() => {
  folder = `states-${crypto.randomUUID()}`;
  workers = [];
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const worker of workers) worker.terminate();
  const root = await navigator.storage.getDirectory();
  await expect.poll(() => removed(root)).toBe(true);
});

// A worker that was killed lets go of its files a moment later.
const removed = (root: FileSystemDirectoryHandle) =>
  root.removeEntry(folder, { recursive: true }).then(
    () => true,
    (error: DOMException) => error.name === 'NotFoundError',
  );

/** Runs code with `states`, the device's states, in a dedicated worker of its own. */
function tab(code: string): { worker: Worker; told: unknown[]; first: Promise<unknown> } {
  const whole = `
    import { browserLocalStates } from '${module}';
    const states = browserLocalStates({ folder: '${folder}' });
    const state = (n, length = 3e6) => new Uint8Array(length).fill(n);
    ${code}`;
  const worker = new Worker(URL.createObjectURL(new Blob([whole], { type: 'text/javascript' })), {
    type: 'module',
  });
  workers.push(worker);
  const told: unknown[] = [];
  const first = new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      told.push(data);
      resolve(data);
    };
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  return { worker, told, first };
}

const files = async () => {
  const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder);
  const found: FileSystemFileHandle[] = [];
  for await (const handle of directory.values()) found.push(handle as FileSystemFileHandle);
  return found;
};

test('a worker saves the state of a run, and the worker of the next page resumes from it', async () => {
  const first = tab(`
    for (const n of [1, 2, 3]) await states.save('run-7', state(n));
    postMessage(await states.save('run-8', state(8)));`);
  expect(await first.first).toBe(true);
  first.worker.terminate();
  const second = tab(`
    const bytes = await states.load('run-7');
    postMessage([bytes.length, bytes.every((byte) => byte === 3), (await states.keys()).sort()]);`);
  expect(await second.first).toEqual([3e6, true, ['run-7', 'run-8']]);
  expect(await files()).toHaveLength(2);
  const third = tab(`
    await states.remove('run-7');
    const left = await states.keys();
    await states.clear();
    postMessage([left, await states.keys(), await states.load('run-8')]);`);
  expect(await third.first).toEqual([['run-8'], [], null]);
});

test('a tab killed while it saves leaves a whole state, no older than the last it was sure of', async () => {
  for (let kill = 0; kill < 4; kill++) {
    const { worker, told } = tab(`
      for (let n = 1; ; n++) {
        await states.save('a', state(n % 251, 1e6));
        postMessage(n);
      }`);
    await expect.poll(() => told.length, { timeout: 30_000, interval: 3 + kill }).toBeGreaterThan(3);
    worker.terminate();
    const sure = told.length % 251;
    const bytes = await browserLocalStates({ folder }).load('a');
    expect(bytes?.length).toBe(1e6);
    const n = bytes?.[0] as number;
    expect(bytes?.every((byte) => byte === n)).toBe(true);
    expect(n).toBeGreaterThanOrEqual(sure);
  }
});

test('outside a worker the states are the same, only slower', async () => {
  const states = browserLocalStates({ folder });
  expect(await states.save('a', new Uint8Array(1000).fill(1))).toBe(true);
  expect(await states.save('a', new Uint8Array(1000).fill(2))).toBe(true);
  const { first } = tab(`postMessage((await states.load('a'))[999])`);
  expect(await first).toBe(2);
});

test('a damaged state is null, and removed', async () => {
  const states = browserLocalStates({ folder });
  await states.save('a', new Uint8Array(1000));
  const [file] = await files();
  const stream = await file?.createWritable({ keepExistingData: true });
  await stream?.write({ type: 'write', position: 500, data: new Uint8Array([1]) });
  await stream?.close();
  expect(await states.load('a')).toBeNull();
  expect(await files()).toEqual([]);
});

test('a full disk makes a save say false and keeps the state before it', async () => {
  const { origin } = location;
  const { told } = tab(`
    postMessage(await states.save('a', state(1)));
    onmessage = async ({ data }) => postMessage(await states.save('a', state(data, 30e6)));`);
  await expect.poll(() => told).toEqual([true]);
  await cdp().send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  try {
    workers[0]?.postMessage(2);
    await expect.poll(() => told, { timeout: 10_000 }).toEqual([true, false]);
    expect((await browserLocalStates({ folder }).load('a'))?.[0]).toBe(1);
    expect(await browserLocalStates({ folder }).save('b', new Uint8Array(30e6))).toBe(false);
  } finally {
    await cdp().send('Storage.overrideQuotaForOrigin', { origin });
  }
  workers[0]?.postMessage(3);
  await expect.poll(() => told, { timeout: 10_000 }).toEqual([true, false, true]);
  expect(await files()).toHaveLength(1);
});

test.each([
  ['is refused', () => Promise.reject(new DOMException('denied', 'SecurityError'))],
  ['is missing', undefined],
])('where the file system %s, a save says false and nothing throws', async (_, getDirectory) => {
  vi.spyOn(navigator, 'storage', 'get').mockReturnValue({ getDirectory } as unknown as StorageManager);
  const states = browserLocalStates({ folder });
  expect(await states.save('a', new Uint8Array(10))).toBe(false);
  expect(await states.load('a')).toBeNull();
  expect(await states.keys()).toEqual([]);
  await states.remove('a');
  await states.clear();
});

test('a browser without a way to write says false', async () => {
  const prototype = FileSystemFileHandle.prototype as { createWritable?: unknown };
  const { createWritable } = prototype;
  delete prototype.createWritable;
  try {
    expect(await browserLocalStates({ folder }).save('a', new Uint8Array(10))).toBe(false);
  } finally {
    prototype.createWritable = createWritable;
  }
});
