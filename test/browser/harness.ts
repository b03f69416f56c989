// What every journey needs: a real server, a real browser, and a list of everything that went wrong.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { chromiumFlags, findChromium } from '../../client/cli/local/chromium.ts';
import { type LocalServer, startServer } from '../../client/cli/local/server.ts';

/** A headless Chromium with software WebGPU. Close it. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('no Chromium found; npm test installs one');
  return chromium.launch({ executablePath, args: chromiumFlags });
}

export type Server = LocalServer & {
  /** The same folder and port again after kill() or stop(). */
  restart(): Promise<void>;
};

/** Runs the body against a server with an empty state folder, which is removed afterwards. */
export async function withServer<T>(
  options: { leaseMs?: number },
  body: (server: Server) => Promise<T>,
): Promise<T> {
  const stateDir = mkdtempSync(join(tmpdir(), 'tabgrad-'));
  let current = await startServer({ ...options, stateDir });
  const { url, token } = current;
  const server: Server = {
    url,
    token,
    failed: current.failed,
    stop: () => current.stop(),
    kill: () => current.kill(),
    restart: async () => {
      current = await startServer({ ...options, stateDir, port: Number(new URL(url).port) });
    },
  };
  try {
    return await body(server);
  } finally {
    await current.stop();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

export type Visit = {
  context: BrowserContext;
  page: Page;
  /** Errors of the page, the console and the content security policy, and requests to anywhere but the server. */
  problems: string[];
};

/** Opens a page of its own context and notes whatever goes wrong in it, workers included. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext(options);
  const problems: string[] = [];
  const { host } = new URL(url);
  context.on('weberror', (error) => problems.push(`error: ${error.error().stack ?? error.error().message}`));
  context.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  context.on('request', (request) => {
    const to = new URL(request.url());
    if (to.protocol.startsWith('http') && to.host !== host)
      problems.push(`asked elsewhere: ${request.url()}`);
  });
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy: ${event.violatedDirective} blocked ${event.blockedURI}`),
    );
  });
  const page = await context.newPage();
  await page.goto(url);
  return { context, page, problems };
}
