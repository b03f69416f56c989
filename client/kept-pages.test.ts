import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { SERVICE_WORKER_OFF } from '../worker/service-worker-off.ts';
import { cacheName, isFile, outdatedCaches, wayOf } from './kept-pages.ts';

const origin = 'https://tabgrad.test';
const way = (path: string, asked: { method?: string; mode?: string } = {}) =>
  wayOf({ url: new URL(path, origin).href, method: 'GET', mode: 'cors', ...asked }, origin);

test('what the server computes is never answered from a cache', () => {
  for (const path of ['/api/home', '/api', '/api/work/states/ab', '/og/home.png', '/cdn-cgi/trace'])
    expect([path, way(path), way(path, { mode: 'navigate' })]).toEqual([path, 'leave', 'leave']);
  expect(way('/run', { method: 'POST', mode: 'navigate' })).toBe('leave');
  expect(way('https://elsewhere.test/assets/a.js')).toBe('leave');
});

test('pages come from the network first, hashed files from the cache', () => {
  for (const path of ['/', '/run', '/sweeps/a-00000000', '/apiary', '/run?x=1.5'])
    expect([path, way(path, { mode: 'navigate' })]).toEqual([path, 'page']);
  expect(way('/assets/main-abc.js')).toBe('asset');
  expect(way('/tfjs/tfjs-backend-wasm.wasm')).toBe('file');
  expect(way('/favicon.svg', { mode: 'navigate' })).toBe('leave');
});

test('the page that stands in for a missing file is not kept as that file', () => {
  const answer = (type: string, status = 200) =>
    isFile(new Response('', { status, headers: { 'content-type': type } }));
  expect(answer('text/html; charset=utf-8')).toBe(false);
  expect(answer('text/javascript', 404)).toBe(false);
  expect(answer('text/javascript')).toBe(true);
});

test('the files of this version and of the one before stay', () => {
  const names = ['elsewhere', ...['1', '2', '3'].map(cacheName)];
  expect(outdatedCaches(names, '3')).toEqual([cacheName('1')]);
  expect(outdatedCaches(names, '4')).toEqual([cacheName('1'), cacheName('2')]);
  expect(outdatedCaches(names, '1')).toEqual([cacheName('2')]);
  expect(outdatedCaches([cacheName('1')], '1')).toEqual([]);
});

test('switched off, the service worker removes what was kept, and itself', async () => {
  const listeners = new Map<string, (event: { waitUntil(work: Promise<void>): void }) => void>();
  const names = new Set([cacheName('1'), cacheName('2'), 'elsewhere']);
  let isRegistered = true;
  const self = {
    addEventListener: (type: string, listen: () => void) => listeners.set(type, listen),
    skipWaiting: () => undefined,
    registration: { unregister: async () => (isRegistered = false) },
  };
  const caches = { keys: async () => [...names], delete: async (name: string) => names.delete(name) };
  runInNewContext(SERVICE_WORKER_OFF, { self, caches });
  const work: Promise<void>[] = [];
  for (const type of ['install', 'activate']) listeners.get(type)?.({ waitUntil: (one) => work.push(one) });
  await Promise.all(work);
  expect([[...names], isRegistered]).toEqual([['elsewhere'], false]);
});
