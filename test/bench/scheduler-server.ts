// The benchmark's server as its parent sees it: built, started, measured, killed and started again.

import { type ChildProcess, fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endGroup, root, runTool, signalGroup, wranglerEnv } from '../../client/cli/local/processes.ts';
import { treeCpuMs } from './process-tree.ts';
import { migrations, type Question, type Setup } from './scheduler-setup.ts';

export interface BenchServer {
  /** Changes with every restart. */
  origin(): string;
  /** A researcher's. */
  token: string;
  /** Processor time so far of the server's processes. */
  cpuMs(): number;
  /** Rows written to Durable Objects since the last start. */
  rowsWritten(): Promise<number>;
  /** Does what is due every hour. */
  audit(): Promise<void>;
  /** kill -9, and up again on what was stored; returns after how many milliseconds it answers. */
  crash(): Promise<number>;
  /** Ends it and removes what it stored. */
  stop(): Promise<void>;
}

export interface BenchServerOptions {
  /** How long a lease lasts. */
  leaseMs?: number;
  /** Where to store things; else in a folder of its own. It must exist, and is left there. */
  storeDir?: string;
}

/** Builds the worker and serves it on a free port of this machine. */
export async function startBenchServer(options: BenchServerOptions = {}): Promise<BenchServer> {
  const ownDir = mkdtempSync(join(tmpdir(), 'tabgrad-bench-'));
  const stateDir = options.storeDir ?? ownDir;
  const remove = () => rmSync(ownDir, { recursive: true, force: true });
  const builtDir = join(ownDir, 'worker');
  await build(builtDir, ownDir).catch((error) => {
    remove();
    throw error;
  });
  const token = `tg_${randomBytes(32).toString('base64url')}`;
  const tokenSecret = randomBytes(32).toString('base64url');
  const setup = { builtDir, stateDir, tokenSecret, leaseMs: options.leaseMs ?? null };
  let running = await start({ ...setup, sql: [...migrations(), researcher(token)] });
  const abandon = () => {
    signalGroup(running.pid, 'SIGKILL');
    remove();
  };
  process.once('exit', abandon);
  let questions = 0;
  const ask = async (question: Question): Promise<number> => {
    const id = questions++;
    running.child.send({ id, question });
    for (;;) {
      const [told] = await once(running.child, 'message');
      if (told.id !== id) continue;
      if (typeof told.answer !== 'number') throw new Error(`the server could not say: ${told.answer}`);
      return told.answer;
    }
  };
  return {
    origin: () => running.url,
    token,
    cpuMs: () => treeCpuMs(running.pid),
    rowsWritten: () => ask('rows'),
    audit: async () => {
      await ask('audit');
    },
    crash: async () => {
      await endGroup(running.pid, 'SIGKILL');
      const from = performance.now();
      running = await start({ ...setup, sql: [] });
      return performance.now() - from;
    },
    stop: async () => {
      process.off('exit', abandon);
      await endGroup(running.pid, 'SIGKILL');
      remove();
    },
  };
}

async function build(builtDir: string, stateDir: string): Promise<void> {
  mkdirSync(join(root, 'dist', 'client'), { recursive: true }); // the configuration names it
  mkdirSync(join(stateDir, 'tmp'));
  const args = ['deploy', 'test/api/counted-worker.ts', '--dry-run', '--outdir', builtDir];
  const { status, output } = await runTool('wrangler', args, { env: wranglerEnv(stateDir) });
  if (status !== 0) throw new Error(`the worker could not be built:\n${output}`);
}

function researcher(token: string): string {
  const template = readFileSync(join(root, 'worker', 'store', 'local-researcher.sql'), 'utf8');
  const hash = createHash('sha256').update(token).digest('hex');
  return template.replace(':token_hash', `'${hash}'`).replace(':created_at', '0');
}

interface Running {
  child: ChildProcess;
  pid: number;
  url: string;
}

async function start(setup: Setup): Promise<Running> {
  // A group of its own, so that a kill reaches workerd too.
  const log = openSync(join(setup.builtDir, 'server.log'), 'a');
  const child = fork(join(import.meta.dirname, 'scheduler-miniflare.ts'), [], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) throw new Error('the server could not be spawned');
  const ended = once(child, 'exit').then(([code]) => {
    const said = readFileSync(join(setup.builtDir, 'server.log'), 'utf8').trim();
    throw new Error(`the server ended with code ${code}:\n${said}`);
  });
  ended.catch(() => {}); // also once it is wanted
  child.send(setup);
  const [{ url }] = await Promise.race([once(child, 'message'), ended]);
  return { child, pid, url };
}
