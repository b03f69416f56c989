// Keeps the pages for when there is no connection. A new version is taken at the next load and never reloads a page: what
// is training goes on. Built as one classic script, /sw.js, before which the build writes what is to be kept.

import { cacheName, isFile, type KeptFiles, outdatedCaches, wayOf } from './kept-pages.ts';

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Lasting {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
type Telling = Lasting & { readonly data: unknown };
interface Scope {
  readonly kept: KeptFiles;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener<E extends Event>(type: string, listen: (event: E) => void): void;
}

const scope = globalThis as unknown as Scope;
const { version, shell, training } = scope.kept;
/** A network that takes longer to answer is as good as none. */
const PAGE_MS = 10_000;
/** Kept beside the files where this browser has trained; no file of that name is asked for. */
const TRAINED = '/has-trained';

const open = () => caches.open(cacheName(version));

scope.addEventListener<Lasting>('install', (event) => {
  event.waitUntil(install());
});
scope.addEventListener<Lasting>('activate', (event) => {
  event.waitUntil(activate());
});
scope.addEventListener<Fetching>('fetch', (event) => {
  const { request } = event;
  const way = wayOf(request, location.origin);
  if (way === 'page') event.respondWith(page(request));
  else if (way === 'asset') event.respondWith(asset(request));
  else if (way === 'file') event.respondWith(file(request));
});
scope.addEventListener<Telling>('message', (event) => {
  const data = event.data as { type?: string; urls?: string[] } | null;
  if (data?.type === 'keep') event.waitUntil(keep(data.urls ?? []));
  else if (data?.type === 'keep-training') event.waitUntil(keepTraining());
});

async function keepTraining(): Promise<void> {
  await keep(training);
  await markTrained(await open());
}

async function install(): Promise<void> {
  try {
    await fill(await open());
  } catch (error) {
    // The browser tries again later. Half a version must not stand where the one before does.
    await caches.delete(cacheName(version));
    throw error;
  }
  await scope.skipWaiting();
}

async function fill(cache: Cache): Promise<void> {
  const home = await fetch('/', { cache: 'reload' });
  const text = await home.clone().text();
  // In the middle of a deployment the page may be of another version than its files.
  const isWhole = shell.every((path) => !path.endsWith('.js') || text.includes(path));
  if (!home.ok || !isWhole) throw new Error('the pages are of another version');
  await cache.put('/', home);
  await addFiles(cache, shell);
  // Whoever trains with the version before must be able to go on with this one without a connection.
  if (!(await caches.match(TRAINED))) return;
  await addFiles(cache, training);
  await markTrained(cache);
}

/** All of them; what is kept under a name stays, so a page in place of a file must never be. */
async function addFiles(cache: Cache, paths: readonly string[]): Promise<void> {
  const files = await Promise.all(paths.map((path) => fetch(path)));
  if (!files.every(isFile)) throw new Error('the files are of another version');
  await Promise.all(paths.map((path, i) => cache.put(path, files[i] as Response)));
}

const markTrained = (cache: Cache) => cache.put(TRAINED, new Response());

async function activate(): Promise<void> {
  for (const name of outdatedCaches(await caches.keys(), version)) await caches.delete(name);
  await scope.clients.claim();
}

async function page(request: Request): Promise<Response> {
  const cached = async () => (await open()).match('/');
  const late = new Promise<null>((resolve) => setTimeout(resolve, PAGE_MS, null));
  const fetched = fetch(request);
  const response = await Promise.race([fetched, late]).catch(() => null);
  if (response && response.status < 500) return response;
  return (await cached()) ?? fetched;
}

async function asset(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetchAndKeep(request);
}

async function file(request: Request): Promise<Response> {
  try {
    return await fetchAndKeep(request);
  } catch (error) {
    const cached = await (await open()).match(request);
    if (cached) return cached;
    throw error;
  }
}

async function fetchAndKeep(request: Request): Promise<Response> {
  const response = await fetch(request);
  // Without room nothing is kept, and all goes on.
  if (isFile(response)) {
    const copy = response.clone();
    open()
      .then((cache) => cache.put(request, copy))
      .catch(() => undefined);
  }
  return response;
}

async function keep(urls: readonly string[]): Promise<void> {
  const wanted = urls.map((url) => new Request(new URL(url, location.origin)));
  for (const request of wanted) {
    const way = wayOf(request, location.origin);
    if (way !== 'asset' && way !== 'file') continue;
    if (!(await caches.match(request))) await fetchAndKeep(request).catch(() => undefined);
  }
}
