// What every journey needs: a real server, a real browser, and a list of everything that went wrong.
import { createHash } from 'node:crypto';
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
import { runTool, wranglerEnv } from '../../client/cli/local/processes.ts';
import { type LocalServer, startServer } from '../../client/cli/local/server.ts';
import { storageOf } from '../../client/cli/local/state.ts';

/** A headless Chromium with software WebGPU. Close it. */
export const launchBrowser = (): Promise<Browser> => chromium.launch(installed());

function installed() {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('no Chromium found; npm test installs one');
  return { executablePath, args: chromiumFlags };
}

export type Server = LocalServer & {
  /** Where it keeps everything. */
  stateDir: string;
  /** The same folder and port again after kill() or stop(). */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
};

/** A server with an empty state folder. Remove it. */
export async function openServer(options: { leaseMs?: number } = {}): Promise<Server> {
  const stateDir = mkdtempSync(join(tmpdir(), 'tabgrad-'));
  let current = await startServer({ ...options, stateDir });
  const { url, token } = current;
  return {
    url,
    token,
    stateDir,
    failed: current.failed,
    stop: () => current.stop(),
    kill: () => current.kill(),
    restart: async () => {
      current = await startServer({ ...options, stateDir, port: Number(new URL(url).port) });
    },
    remove: async () => {
      await current.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** Runs the body against a server with an empty state folder, which is removed afterwards. */
export async function withServer<T>(
  options: { leaseMs?: number },
  body: (server: Server) => Promise<T>,
): Promise<T> {
  const server = await openServer(options);
  try {
    return await body(server);
  } finally {
    await server.remove();
  }
}

export type Visit = {
  context: BrowserContext;
  page: Page;
  /** Errors of the page, the console and the content security policy, and requests to anywhere but the server. */
  problems: string[];
  /** What was asked of the server, workers included: "POST /api/volunteers". Oldest first. */
  asked: string[];
};

/** Opens a page of its own context and notes whatever goes wrong in it, workers included. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  return opened(await browser.newContext(options), url);
}

/** The same in a browser of its own, which keeps what it knows in the folder. Close its context. */
export async function visitFrom(profile: string, url: string): Promise<Visit> {
  return opened(await chromium.launchPersistentContext(profile, installed()), url);
}

async function opened(context: BrowserContext, url: string): Promise<Visit> {
  const problems: string[] = [];
  const asked: string[] = [];
  const { host } = new URL(url);
  context.on('weberror', (error) => problems.push(`error: ${error.error().stack ?? error.error().message}`));
  context.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('request', (request) => {
    const to = new URL(request.url());
    asked.push(`${request.method()} ${to.pathname}`);
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
  return { context, page, problems, asked };
}

/** Ends a browser of its own as a power cut would. */
export async function killBrowser({ context }: Visit): Promise<void> {
  const session = await context.browser()?.newBrowserCDPSession();
  const { processInfo = [] } = (await session?.send('SystemInfo.getProcessInfo')) ?? {};
  const { id } = processInfo.find(({ type }) => type === 'browser') ?? {};
  if (!id) throw new Error('the browser does not say which process it is');
  const gone = new Promise((resolve) => context.once('close', resolve));
  process.kill(id, 'SIGKILL');
  await gone;
}

/** Lets another researcher in, beside the one of the local server. */
export async function addResearcher({ stateDir }: Server, name: string, token: string): Promise<void> {
  const hash = createHash('sha256').update(token).digest('hex');
  const sql = `INSERT INTO researchers (id, name, token_hash, created_at) VALUES ('${name}', '${name}', '${hash}', ${Date.now()})`;
  const args = [
    'd1',
    'execute',
    'DB',
    '--local',
    '--persist-to',
    storageOf(stateDir),
    '--yes',
    '--command',
    sql,
  ];
  const { status, output } = await runTool('wrangler', args, { env: wranglerEnv(stateDir) });
  if (status !== 0) throw new Error(output);
}
