// A look into the worker that trains, from outside of the program: code that runs before the worker's own.
import type { BrowserContext, BrowserContextOptions, Page, Worker } from 'playwright-core';

/** With these a context lets its scripts be changed on the way: a service worker would fetch them itself. */
export const CHANGEABLE: BrowserContextOptions = { serviceWorkers: 'block' };

/** Has code run in the worker that trains before its own does. It must be a whole script, and not import anything. */
export async function beforeWorker(context: BrowserContext, code: string): Promise<void> {
  await context.route(/\/assets\/host-[\w-]+\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${code}\n${await response.text()}` });
  });
}

/** The worker that trains on a page. Its threads are workers of its own. */
export function trainer(page: Page): Worker {
  const found = page.workers().find((worker) => /\/host-/.test(worker.url()));
  if (!found) throw new Error('no worker trains');
  return found;
}

/** Counts for how long threads have been asked something and have not answered. */
export const WATCH_THREADS = `
{
  const watched = { busyMs: 0, waiting: 0, since: 0 };
  globalThis.watched = watched;
  const add = (by) => {
    const now = performance.now();
    if (watched.waiting > 0) watched.busyMs += now - watched.since;
    watched.since = now;
    watched.waiting += by;
  };
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message && message.call === 'advance') {
      add(1);
      const { id } = message;
      const settled = ({ data }) => {
        if (!data || data.id !== id) return;
        this.removeEventListener('message', settled);
        add(-1);
      };
      this.addEventListener('message', settled);
    }
    return post.call(this, message, ...rest);
  };
}`;

/** Milliseconds that threads have computed, and the clock they are told by. */
export const threadsOf = (page: Page): Promise<{ busyMs: number; atMs: number }> =>
  trainer(page).evaluate(() => {
    const { watched } = globalThis as unknown as {
      watched: { busyMs: number; waiting: number; since: number };
    };
    const atMs = performance.now();
    return { busyMs: watched.busyMs + (watched.waiting > 0 ? atMs - watched.since : 0), atMs };
  });

/** Keeps every graphics device that is opened, so that it can be taken away. */
export const HOLD_DEVICES = `
{
  const devices = [];
  globalThis.devices = devices;
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...asked) {
    const device = await request.apply(this, asked);
    devices.push(device);
    return device;
  };
}`;

/** Takes the graphics device in use away, as after sleep. Says how many there were. */
export const destroyDevice = (page: Page): Promise<number> =>
  trainer(page).evaluate(() => {
    const { devices } = globalThis as unknown as { devices: GPUDevice[] };
    devices.at(-1)?.destroy();
    return devices.length;
  });
