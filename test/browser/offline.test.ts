// Pages without a connection, as an app, and as a link shows them.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../client/cli/local/processes.ts';
import { launchBrowser, openServer, type Server, type Visit, visit } from './harness.ts';
import { post, seeds, spec, start, stop, untilFinished, untilKept, untilStep } from './steps.ts';

let browser: Browser;
let server: Server;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), openServer()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.remove();
});

/** Waits until the page, the worker that trains and its kernels are kept. */
const untilPagesKept = (page: Page) =>
  expect
    .poll(() => page.evaluate(keptPaths), { timeout: 30_000 })
    .toEqual(
      expect.arrayContaining(['/', expect.stringMatching(/host-.*\.js$/), expect.stringMatching(/\.wasm$/)]),
    );

async function keptPaths(): Promise<string[]> {
  const names = await caches.keys();
  const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return requests.flat().map(({ url }) => new URL(url).pathname);
}

/** What is no fault while there is no server. */
const others = ({ problems }: Visit) =>
  problems.filter((words) => !/net::ERR_|WebSocket connection/.test(words));

test('a reload shows the page, and the run in hand goes on and is delivered later', async () => {
  const { id } = await post(
    server,
    spec({ name: 'offline', train: { steps: 60_000 }, parameters: seeds(1) }),
  );
  const visited = await visit(browser, `${server.url}/run`);
  const { page, context } = visited;
  await start(page);
  await untilPagesKept(page);
  const before = await untilKept(page);

  await context.setOffline(true);
  await server.stop();
  await page.reload();
  await page.getByText('You are offline', { exact: false }).first().waitFor();
  await start(page);
  expect(await untilStep(page, before)).toBeGreaterThanOrEqual(before);

  // A page that needs the server says so.
  await page.goto(`${server.url}/sweeps`);
  await page.getByRole('main').getByText('You are offline', { exact: false }).waitFor();

  await context.setOffline(false);
  await server.restart();
  await page.goto(`${server.url}/run`);
  await start(page);
  await untilFinished(server, id, 1);
  await stop(page);
  expect(others(visited)).toEqual([]);
  await context.close();
});

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
};

/** The built pages alone, which can come out in another version. */
async function shelf() {
  const state = { version: 1, isThere: true };
  const listener = createServer(async ({ url = '/' }, response) => {
    if (!state.isThere) return response.destroy();
    const path = new URL(url, 'http://x').pathname;
    const file = extname(path) === '' ? 'index.html' : path;
    const bytes = await readFile(join(root, 'dist', 'client', file)).catch(() => null);
    if (!bytes || path.startsWith('/api')) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    const isOther = path === '/sw.js' && state.version > 1;
    response.end(isOther ? bytes.toString().replace('"version":"', `"version":"${state.version}`) : bytes);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  return { state, url: `http://127.0.0.1:${port}`, close: () => listener.close() };
}

const names = (page: Page) => page.evaluate(() => caches.keys());

/** Whether no other service worker is on its way. */
const isSettled = (page: Page) =>
  page.evaluate(async () => {
    const { active, installing, waiting } = await navigator.serviceWorker.ready;
    return active?.state === 'activated' && !installing && !waiting;
  });

/** What each cache has of where training begins. */
const beginnings = (page: Page) =>
  page.evaluate(async () => {
    const counts = (await caches.keys()).map(async (name) => {
      const urls = (await (await caches.open(name)).keys()).map(({ url }) => url);
      return urls.filter((url) => /host-|VolunteerPage-/.test(url)).length;
    });
    return Promise.all(counts);
  });

test('a new version is taken without a reload, keeps what training needs, and leaves only the one before', async () => {
  const { state, url, close } = await shelf();
  const { page, context } = await visit(browser, url);
  await page.evaluate(() => navigator.serviceWorker.ready);
  expect(await beginnings(page)).toEqual([0]);
  await page.evaluate(async () =>
    (await navigator.serviceWorker.ready).active?.postMessage({ type: 'keep-training' }),
  );
  const isTrained = () => page.evaluate(async () => (await caches.match('/has-trained')) !== undefined);
  await expect.poll(isTrained, { timeout: 20_000 }).toBe(true);
  await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
  for (const version of [2, 3]) {
    const [before] = (await names(page)).slice(-1);
    state.version = version;
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
    const now = [before, expect.stringMatching(new RegExp(`^tabgrad-pages-${version}`))];
    await expect.poll(() => isSettled(page), { timeout: 20_000 }).toBe(true);
    expect(await names(page)).toEqual(now);
  }
  expect(await beginnings(page)).toEqual([2, 2]);
  expect(await page.evaluate(() => 'isSamePage' in globalThis)).toBe(true);
  state.isThere = false;
  await page.goto(`${url}/run`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await context.close();
  close();
});

test('the manifest, its icons and the pictures of links are served as what they are', async () => {
  const types = {
    '/manifest.webmanifest': /manifest\+json/,
    '/icons/maskable-512.png': /^image\/png/,
    '/favicon.svg': /^image\/svg/,
    '/sw.js': /javascript/,
    '/og/home.png': /^image\/png/,
  };
  for (const [path, type] of Object.entries(types)) {
    const response = await fetch(server.url + path);
    expect([path, response.status]).toEqual([path, 200]);
    expect(response.headers.get('content-type')).toMatch(type);
    await response.arrayBuffer();
  }
  const page = await fetch(server.url);
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  expect(await page.text()).toContain(`<meta property="og:image" content="${server.url}/og/home.png" />`);
});
