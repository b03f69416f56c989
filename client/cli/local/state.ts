// The state folder of one local server: who runs on it, its researcher's token, its database.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { birthOf, endGroup, root, runTool, wranglerEnv } from './processes.ts';
import { Refusal } from './refusal.ts';

/** Where `npm start` keeps its state; TABGRAD_STATE names another folder. */
export const defaultStateDir = resolve(root, process.env.TABGRAD_STATE ?? '.tabgrad');

type Running = { pid: number; birth: string | null };
type Lock = Running & { url?: string; server?: Running };

const lockPath = (stateDir: string) => join(stateDir, 'lock');

/** Who runs a server on this folder, or null. */
export function ownerOf(stateDir: string): Lock | null {
  const lock = readLock(stateDir);
  return lock && lock.birth === birthOf(lock.pid) ? lock : null;
}

function readLock(stateDir: string): Lock | null {
  try {
    return JSON.parse(readFileSync(lockPath(stateDir), 'utf8'));
  } catch {
    return null;
  }
}

/** Claims the folder for this process, after clearing away what a killed predecessor left behind. */
export async function claim(stateDir: string): Promise<void> {
  mkdirSync(join(stateDir, 'tmp'), { recursive: true });
  const owner = ownerOf(stateDir);
  if (owner) {
    throw new Refusal(
      `Tabgrad is already ${running(owner)}.\nUse that one, or stop it with Ctrl-C where it was started.`,
    );
  }
  await endOrphan(readLock(stateDir)?.server);
  release(stateDir);
  try {
    writeFileSync(lockPath(stateDir), JSON.stringify(self()), { flag: 'wx' });
  } catch {
    throw new Refusal('Another Tabgrad is starting at this very moment. Use that one.');
  }
}

export const running = ({ url, pid }: Lock) =>
  url ? `running at ${url} (process ${pid})` : `starting (process ${pid})`;

const self = (): Running => ({ pid: process.pid, birth: birthOf(process.pid) });

/** Notes the server's process, so that a successor can end it should this process be killed. */
export function noteServer(stateDir: string, url: string, serverPid: number): void {
  const lock: Lock = { ...self(), url, server: { pid: serverPid, birth: birthOf(serverPid) } };
  writeFileSync(lockPath(stateDir), JSON.stringify(lock));
}

async function endOrphan(server: Running | undefined): Promise<void> {
  // 'alive' means that this platform cannot tell it from a stranger with the same number.
  if (server?.birth && server.birth !== 'alive' && server.birth === birthOf(server.pid)) {
    await endGroup(server.pid, 'SIGKILL');
  }
}

export function release(stateDir: string): void {
  rmSync(lockPath(stateDir), { force: true });
}

/** The local researcher's token, made on first use and readable by this user only. */
export function researcherToken(stateDir: string): string {
  const path = join(stateDir, 'researcher-token');
  if (!existsSync(path)) {
    writeFileSync(path, `tg_${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
  }
  return readFileSync(path, 'utf8').trim();
}

/** The secret that signs leases and sessions must outlive restarts; wrangler reads it from .dev.vars. */
export function ensureTokenSecret(): void {
  const path = join(root, '.dev.vars');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (/^TOKEN_SECRET=/m.test(text)) return;
  const line = `TOKEN_SECRET="${randomBytes(32).toString('base64url')}"\n`;
  writeFileSync(path, text && !text.endsWith('\n') ? `${text}\n${line}` : text + line, { mode: 0o600 });
}

/** Applies new migrations and enters the local researcher; a no-op when both were done before. */
export async function prepareDatabase(stateDir: string, token: string): Promise<void> {
  const hash = createHash('sha256').update(token).digest('hex');
  const migrations = readdirSync(join(root, 'worker', 'migrations')).filter((name) => name.endsWith('.sql'));
  const stamp = [...migrations.sort(), hash].join('\n');
  const stampPath = join(stateDir, 'prepared');
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return;

  const template = readFileSync(join(root, 'worker', 'store', 'local-researcher.sql'), 'utf8');
  const sql = template.replace(':token_hash', `'${hash}'`).replace(':created_at', String(Date.now()));
  await d1(stateDir, ['migrations', 'apply', 'DB']);
  const sqlPath = join(stateDir, 'researcher.sql');
  writeFileSync(sqlPath, sql);
  await d1(stateDir, ['execute', 'DB', '--yes', '--file', sqlPath]);
  rmSync(sqlPath);
  writeFileSync(stampPath, stamp);
}

async function d1(stateDir: string, args: string[]): Promise<void> {
  const command = ['d1', ...args, '--local', '--persist-to', storageOf(stateDir)];
  const { status, output } = await runTool('wrangler', command, { env: wranglerEnv(stateDir) });
  if (status !== 0) throw new Refusal(`The database could not be prepared:\n${output.trim()}`);
}

export const storageOf = (stateDir: string) => join(stateDir, 'storage');
