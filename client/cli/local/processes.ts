import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './setup.mjs';

export { root };

/** Starts the command-line program of an installed package on this Node. */
export function spawnTool(name: string, args: string[], options: SpawnOptions = {}): ChildProcess {
  const folder = join(root, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const program: string =
    typeof bin === 'string' ? bin : (bin[name.split('/').at(-1) ?? ''] ?? Object.values(bin)[0]);
  return spawn(process.execPath, [join(folder, program), ...args], { cwd: root, ...options });
}

/** Runs such a program to its end; what it says is returned, and shown only if the caller does. */
export async function runTool(name: string, args: string[], options: SpawnOptions = {}) {
  const child = spawnTool(name, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes) => {
      output += bytes;
    });
  }
  const status = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 1)));
  return { status, output };
}

/** Signals a process and everything it started; it must have been spawned detached. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    if (process.platform !== 'win32') process.kill(-pid, signal);
    else spawnSync('taskkill', ['/pid', String(pid), '/T', '/F']);
  } catch {
    // It has ended already.
  }
}

/** Signals a group, waits until all of it is gone, and insists after a while. Safe to repeat. */
export async function endGroup(pid: number, signal: NodeJS.Signals): Promise<void> {
  const group = process.platform === 'win32' ? pid : -pid;
  for (const firmness of [signal, 'SIGKILL'] as const) {
    if (!isAlive(group)) return;
    signalGroup(pid, firmness);
    const deadline = Date.now() + 5_000;
    while (isAlive(group) && Date.now() < deadline) await sleep(20);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * What tells a process from a later one that was given the same number: when it started. Null when there is
 * no such process; where the platform does not say, all of one number look alike.
 */
export function birthOf(pid: number): string | null {
  if (!isAlive(pid)) return null;
  const stat = `/proc/${pid}/stat`;
  if (!existsSync(stat)) return 'alive';
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const afterName = readFileSync(stat, 'utf8').split(') ').at(-1) ?? '';
  return `${boot}/${afterName.split(' ')[19]}`;
}

/** The environment in which wrangler neither asks, nor phones home, nor meets servers of other folders. */
export function wranglerEnv(stateDir: string): NodeJS.ProcessEnv & { TMPDIR: string } {
  const { NODE_ENV: _, ...inherited } = process.env;
  return {
    ...inherited,
    CI: '1',
    FORCE_COLOR: '0',
    DO_NOT_TRACK: '1',
    WRANGLER_SEND_METRICS: 'false',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_WRITE_LOGS: 'false',
    TMPDIR: join(stateDir, 'tmp'),
    WRANGLER_REGISTRY_PATH: join(stateDir, 'registry'),
  };
}
