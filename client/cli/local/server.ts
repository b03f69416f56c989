// One local server: wrangler dev on a state folder of its own, watched and restarted when it hangs.
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildClient } from './build.ts';
import { endGroup, signalGroup, spawnTool, wranglerEnv } from './processes.ts';
import { Refusal } from './refusal.ts';
import * as state from './state.ts';

export type ServerOptions = {
  port?: number; // 0, the default, takes a free one
  stateDir?: string;
  leaseMs?: number;
  log?: (line: string) => void;
};

export type LocalServer = {
  url: string;
  token: string;
  /** Ends the server in good order. Safe to repeat. */
  stop(): Promise<void>;
  /** Ends it as a power cut would; the folder can be started again. */
  kill(): Promise<void>;
  /** Resolves, with the reason, if the server cannot be kept alive. */
  failed: Promise<Refusal>;
};

type Wrangler = {
  pid: number;
  hasEnded(): boolean;
  /** Waits for that long, for its end, or for the signal, whichever is first. */
  endedWithin(ms: number, signal: AbortSignal): Promise<void>;
};

const host = '127.0.0.1';
const startMs = 90_000;
const watchEveryMs = 2_000;
const healthMs = 5_000;
const missesUntilRestart = 3;
const restartsUntilFailure = 5;

/** Builds, migrates and serves; throws a Refusal in plain words when that cannot be done. */
export async function startServer(options: ServerOptions = {}): Promise<LocalServer> {
  const { stateDir = state.defaultStateDir, log = () => {} } = options;
  await state.claim(stateDir);
  try {
    const port = await usablePort(options.port ?? 0);
    const url = `http://${host}:${port}`;
    state.ensureTokenSecret();
    const token = state.researcherToken(stateDir);
    await Promise.all([buildClient(log), state.prepareDatabase(stateDir, token)]);
    log('Starting the server ...');
    const spawnWrangler = () => serve(stateDir, port, options.leaseMs);
    const wrangler = spawnWrangler();
    state.noteServer(stateDir, url, wrangler.pid);
    await untilHealthy(url, wrangler, stateDir);
    return supervise({ url, token, stateDir, log, wrangler, spawnWrangler });
  } catch (error) {
    state.release(stateDir);
    throw error;
  }
}

/** The wanted port if it is free, any free one for 0. */
async function usablePort(wanted: number): Promise<number> {
  const server = createServer();
  try {
    return await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(wanted, host, () => {
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : wanted);
      });
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new Refusal(
        `Port ${wanted} is used by another program. Stop that, or choose another port: PORT=${wanted + 1} npm start`,
      );
    }
    if (code === 'EACCES')
      throw new Refusal(`Port ${wanted} is reserved. Choose one above 1023: PORT=8788 npm start`);
    throw error;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

function serve(stateDir: string, port: number, leaseMs: number | undefined): Wrangler {
  const args = ['dev', '--ip', host, '--port', String(port), '--inspector-port', '0', '--log-level', 'warn'];
  args.push('--persist-to', state.storageOf(stateDir), '--show-interactive-dev-session', 'false');
  if (leaseMs !== undefined) args.push('--var', `LEASE_MS:${leaseMs}`);
  const env = wranglerEnv(stateDir);
  rmSync(env.TMPDIR, { recursive: true, force: true }); // a killed predecessor leaves its temporary files
  mkdirSync(env.TMPDIR);
  const output = openSync(join(stateDir, 'server.log'), 'a');
  const child = spawnTool('wrangler', args, {
    stdio: ['ignore', output, output],
    detached: true, // its own group, so that Ctrl-C reaches it through stop() only and nothing is orphaned
    env,
  });
  closeSync(output);
  return overseen(child);
}

function overseen(child: ChildProcess): Wrangler {
  const { pid } = child;
  if (pid === undefined) throw new Error('wrangler could not be spawned');
  const reap = () => signalGroup(pid, 'SIGKILL');
  process.once('exit', reap);
  const ended = new AbortController();
  child.once('exit', () => {
    process.off('exit', reap);
    ended.abort();
  });
  return {
    pid,
    hasEnded: () => ended.signal.aborted,
    endedWithin: (ms, signal) =>
      sleep(ms, undefined, { signal: AbortSignal.any([signal, ended.signal]) }).catch(() => {}),
  };
}

async function isHealthy(url: string, timeoutMs: number): Promise<boolean> {
  try {
    const response = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(timeoutMs) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function untilHealthy(url: string, wrangler: Wrangler, stateDir: string): Promise<void> {
  const deadline = Date.now() + startMs;
  while (Date.now() < deadline && !wrangler.hasEnded()) {
    if (await isHealthy(url, 2_000)) return;
    await sleep(100);
  }
  await endGroup(wrangler.pid, 'SIGKILL');
  const path = join(stateDir, 'server.log');
  const lastLines = readFileSync(path, 'utf8').trim().split('\n').slice(-15).join('\n');
  throw new Refusal(`The server did not start. The end of ${path}:\n${lastLines}`);
}

type Supervised = {
  url: string;
  token: string;
  stateDir: string;
  log: (line: string) => void;
  wrangler: Wrangler;
  spawnWrangler: () => Wrangler;
};

function supervise({ url, token, stateDir, log, wrangler, spawnWrangler }: Supervised): LocalServer {
  const stopping = new AbortController();
  const failure = Promise.withResolvers<Refusal>();
  let current = wrangler;

  async function watch() {
    for (let restarts = 0; restarts < restartsUntilFailure; restarts++) {
      if (await staysHealthy(url, current, stopping.signal)) restarts = 0;
      if (stopping.signal.aborted) return;
      log('The server stopped answering; starting it again.');
      await endGroup(current.pid, 'SIGKILL');
      if (stopping.signal.aborted) return;
      current = spawnWrangler();
      state.noteServer(stateDir, url, current.pid);
      await untilHealthy(url, current, stateDir);
    }
    throw new Refusal(`The server keeps failing; ${join(stateDir, 'server.log')} says more.`);
  }

  const watching = watch().catch(failure.resolve);
  async function finish(signal: NodeJS.Signals) {
    stopping.abort();
    await endGroup(current.pid, signal);
    await watching;
    await endGroup(current.pid, 'SIGKILL');
    state.release(stateDir);
  }
  return {
    url,
    token,
    stop: () => finish('SIGTERM'),
    kill: () => finish('SIGKILL'),
    failed: failure.promise,
  };
}

/**
 * Returns once the server needs a restart or is no longer wanted; true if it was healthy at least once.
 * wrangler dev can lose the process it serves through and hang, so health is asked for, not assumed.
 */
async function staysHealthy(url: string, wrangler: Wrangler, stopping: AbortSignal): Promise<boolean> {
  let wasHealthy = false;
  for (let misses = 0; misses < missesUntilRestart && !stopping.aborted; ) {
    await wrangler.endedWithin(watchEveryMs, stopping);
    if (wrangler.hasEnded()) break;
    const isFine = await isHealthy(url, healthMs);
    wasHealthy ||= isFine;
    misses = isFine ? 0 : misses + 1;
  }
  return wasHealthy;
}
