import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { birthOf, endGroup } from './processes.ts';
import { claim, noteServer, ownerOf, release, researcherToken } from './state.ts';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'tabgrad-'));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const leaveLock = (lock: object) => writeFileSync(join(stateDir, 'lock'), JSON.stringify(lock));

test('a folder has one owner until it is released', async () => {
  await claim(stateDir);
  await expect(claim(stateDir)).rejects.toThrow(/already starting/);
  noteServer(stateDir, 'http://127.0.0.1:1', process.pid);
  await expect(claim(stateDir)).rejects.toThrow(/already running at http:\/\/127\.0\.0\.1:1 /);
  release(stateDir);
  expect(ownerOf(stateDir)).toBeNull();
});

test.each([
  ['of a process that has ended', { pid: 2 ** 22 + 1, birth: 'long ago' }],
  ['of an earlier process of the same number', { pid: process.pid, birth: 'long ago' }],
])('a lock %s is nobody’s', async (_, lock) => {
  leaveLock(lock);
  expect(ownerOf(stateDir)).toBeNull();
  await claim(stateDir);
});

test('a lock that is not JSON is nobody’s', async () => {
  writeFileSync(join(stateDir, 'lock'), '{"pid":');
  await claim(stateDir);
});

test.runIf(process.platform === 'linux')(
  'a server that outlived its owner is ended, a stranger is not',
  async () => {
    const [orphan, stranger] = [
      spawn('sleep', ['60'], { detached: true }),
      spawn('sleep', ['60'], { detached: true }),
    ];
    const ended = new Promise((resolve) => orphan.once('exit', (_, signal) => resolve(signal)));
    const owner = { pid: 2 ** 22 + 1, birth: 'long ago' };
    leaveLock({ ...owner, server: { pid: stranger.pid, birth: 'another boot/1' } });
    await claim(stateDir);
    leaveLock({ ...owner, server: { pid: orphan.pid, birth: birthOf(orphan.pid ?? 0) } });
    await claim(stateDir);
    expect(await ended).toBe('SIGKILL');
    expect(birthOf(stranger.pid ?? 0)).not.toBeNull();
    await endGroup(stranger.pid ?? 0, 'SIGKILL');
  },
);

test('the token is made once and is its user’s alone', () => {
  const token = researcherToken(stateDir);
  expect(token).toMatch(/^tg_[\w-]{43}$/);
  expect(researcherToken(stateDir)).toBe(token);
  expect(readFileSync(join(stateDir, 'researcher-token'), 'utf8').trim()).toBe(token);
  if (process.platform !== 'win32')
    expect(statSync(join(stateDir, 'researcher-token')).mode & 0o777).toBe(0o600);
});
