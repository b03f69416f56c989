import { beforeEach, expect, test, vi } from 'vitest';
import { cacheName } from './kept-pages.ts';

const origin = 'https://tabgrad.test';
const JS = { 'content-type': 'text/javascript' };
const HTML = { 'content-type': 'text/html' };
const HOME = '<script src="/assets/main-1.js"></script>';

/** What the network answers, by path; a page where there is no such file, as the server does. */
let network: Record<string, () => Response>;
let stores: Map<string, Map<string, Response>>;
let listeners: Map<string, (event: object) => void>;

const pathOf = (asked: Request | string) =>
  new URL(typeof asked === 'string' ? asked : asked.url, origin).pathname;

function cacheOf(name: string) {
  const kept = stores.get(name) ?? new Map<string, Response>();
  stores.set(name, kept);
  return {
    put: async (asked: Request | string, response: Response) => void kept.set(pathOf(asked), response),
    match: async (asked: Request | string) => kept.get(pathOf(asked))?.clone(),
  };
}

const textKept = (path: string, version = '1') => stores.get(cacheName(version))?.get(path)?.clone().text();

beforeEach(async () => {
  vi.resetModules();
  stores = new Map();
  listeners = new Map();
  network = {
    '/': () => new Response(HOME, { headers: HTML }),
    '/assets/main-1.js': () => new Response('main', { headers: JS }),
    '/assets/host-1.js': () => new Response('host', { headers: JS }),
  };
  vi.stubGlobal('kept', { version: '1', shell: ['/assets/main-1.js'], training: ['/assets/host-1.js'] });
  vi.stubGlobal('location', { origin });
  vi.stubGlobal('skipWaiting', async () => {});
  vi.stubGlobal('clients', { claim: async () => {} });
  vi.stubGlobal('addEventListener', (type: string, listen: () => void) => listeners.set(type, listen));
  vi.stubGlobal('fetch', async (asked: Request | string) =>
    (network[pathOf(asked)] ?? (() => new Response(HOME, { headers: HTML })))(),
  );
  vi.stubGlobal('caches', {
    open: async (name: string) => cacheOf(name),
    keys: async () => [...stores.keys()],
    delete: async (name: string) => stores.delete(name),
    match: async (asked: Request | string) => {
      for (const kept of stores.values())
        if (kept.has(pathOf(asked))) return kept.get(pathOf(asked))?.clone();
      return undefined;
    },
  });
  await import('./service-worker.ts');
});

async function happens(type: string, more: object = {}): Promise<void> {
  const work: Promise<unknown>[] = [];
  listeners.get(type)?.({ ...more, waitUntil: (one: Promise<unknown>) => work.push(one) });
  await Promise.all(work);
}

async function asks(path: string, mode = 'cors'): Promise<string> {
  let answer: Promise<Response> | undefined;
  const request = { url: new URL(path, origin).href, method: 'GET', mode };
  listeners.get('fetch')?.({ request, respondWith: (one: Promise<Response>) => (answer = one) });
  if (!answer) throw new Error(`${path} is left alone`);
  return (await answer).text();
}

test('the page and its files are kept, and hashed files come from there', async () => {
  await happens('install');
  expect([await textKept('/'), await textKept('/assets/main-1.js')]).toEqual([HOME, 'main']);
  expect(await textKept('/assets/host-1.js')).toBeUndefined();
  network = {};
  expect(await asks('/assets/main-1.js')).toBe('main');
});

test.each([
  ['a page of another version', '/', () => new Response('<p>other</p>', { headers: HTML })],
  ['a page that failed', '/', () => new Response(HOME, { status: 500, headers: HTML })],
  ['a page in place of a file', '/assets/main-1.js', () => new Response(HOME, { headers: HTML })],
  ['a file that failed', '/assets/main-1.js', () => new Response('', { status: 503, headers: JS })],
])('%s is never kept: nothing of the version is', async (_, path, answer) => {
  network[path] = answer;
  await expect(happens('install')).rejects.toThrow('of another version');
  expect([...stores.keys()]).toEqual([]);
});

test('where this browser has trained, the files of training are kept whole, or nothing of a version', async () => {
  await happens('install');
  await happens('message', { data: { type: 'keep-training' } });
  expect(await textKept('/assets/host-1.js')).toBe('host');
  network['/assets/host-1.js'] = () => new Response(HOME, { headers: HTML });
  await expect(happens('install')).rejects.toThrow('of another version');
});

test('a page comes from the network, and from what was kept where that fails', async () => {
  await happens('install');
  network['/run'] = () => new Response('fresh', { headers: HTML });
  expect(await asks('/run', 'navigate')).toBe('fresh');
  network['/run'] = () => new Response('down', { status: 503 });
  expect(await asks('/run', 'navigate')).toBe(HOME);
  network['/run'] = () => {
    throw new TypeError('no connection');
  };
  expect(await asks('/run', 'navigate')).toBe(HOME);
  // Nor does what one page answered take the place of what is kept.
  expect(await textKept('/')).toBe(HOME);
});

test('a page in place of a file is handed on and not kept', async () => {
  await happens('install');
  expect(await asks('/assets/gone-0.js')).toBe(HOME);
  expect(await textKept('/assets/gone-0.js')).toBeUndefined();
});
