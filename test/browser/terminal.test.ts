// The volunteer on a terminal: how it ends, how much of the time it takes, when it rests.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../client/cli/local/processes.ts';
import { openServer, type Server } from './harness.ts';
import { expectWhole, post, read, seeds, spec, terminalVolunteer } from './steps.ts';

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.remove());

interface Terminal {
  child: ChildProcess;
  /** What it has said so far. */
  said: () => string;
  /** Waits until it says such a thing. */
  until: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** Its exit status. */
  ended: Promise<number | null>;
}

/** `tabgrad volunteer` that goes on until it is told to stop, without anything in between that passes signals on. */
function volunteerThere(...options: string[]): Terminal {
  const main = join(root, 'client', 'cli', 'main.ts');
  const args = ['--disable-warning=ExperimentalWarning', main, 'volunteer', server.url, ...options];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, TABGRAD_STATE: mkdtempSync(join(tmpdir(), 'tabgrad-terminal-')) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const until = async (pattern: RegExp) => {
    for (;;) {
      const found = pattern.exec(said);
      if (found) return found;
      if (child.exitCode !== null) throw new Error(`it ended without saying ${pattern}:\n${said}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return { child, said: () => said, until, ended };
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('Ctrl-C hands in how far the runs in hand are, and the rest back: somebody else goes on at once', async () => {
  const { id } = await post(
    server,
    spec({ name: 'interrupted', parameters: seeds(2), train: { steps: 60_000 } }),
  );
  const { child, until, ended, said } = volunteerThere('--workers', '2', '--engine', 'wasm');
  await until(/Sweep: A short journey/);
  await sleep(1000);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(said()).toMatch(/Stopping: .+\n/);
  expect(said()).toMatch(/so far {4}.+, seed \d: step [\d,]+ of 60,000/);
  expect(said()).toMatch(/^Done: 0 runs and (a part of one|parts of 2) accepted\. Thank you\.$/m);
  const left = await read(server, id);
  expect(left.runs.map(({ state, segments }) => [state, segments])).toEqual([
    ['waiting', 1],
    ['waiting', 1],
  ]);

  const begunMs = Date.now();
  await terminalVolunteer(server, mkdtempSync(join(tmpdir(), 'tabgrad-terminal-')), '--engine', 'wasm');
  // A lease that was not given back would have to expire first.
  expect(Date.now() - begunMs).toBeLessThan(60_000);
  await expectWhole(server, id);
  expect((await read(server, id)).runs.every(({ segments }) => segments === 2)).toBe(true);
});

test('--duty 25 computes in a quarter of the time, by its own measure and by the machine’s', async () => {
  await post(server, spec({ name: 'quarter', parameters: seeds(1), train: { steps: 500_000 } }));
  const { child, until, ended } = volunteerThere('--duty', '25', '--workers', '1', '--engine', 'wasm');
  await until(/Sweep: A short journey/);
  const [beforeMs, before] = [performance.now(), cpuMs(child)];
  const [, share] = await until(/^Busy ([\d.]+) % of the last \d+ s \(asked for: 25 %\)$/m);
  const spent = (cpuMs(child) - before) / (performance.now() - beforeMs);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(Math.abs(Number(share) - 25)).toBeLessThanOrEqual(5);
  // Of a machine that is shared a quarter of the time may be less than a quarter of a processor.
  if (existsSync('/proc/self/stat')) {
    expect(spent).toBeLessThan(0.32);
    expect(spent).toBeGreaterThan(0.05);
  }
});

test('outside its hours nothing is computed, not even to measure the engines, and it still stops cleanly', async () => {
  const { id } = await post(server, spec({ name: 'hours', parameters: seeds(1) }));
  const hour = new Date().getHours();
  const hours = `${(hour + 2) % 24}-${(hour + 4) % 24}`;
  const { child, until, ended, said } = volunteerThere('--hours', hours);
  await until(new RegExp(`^Resting until ${(hour + 2) % 24}:00`, 'm'));
  await sleep(2000);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(said()).not.toContain('Engine:');
  expect((await read(server, id)).runs.map(({ state }) => state)).toEqual(['waiting']);
});

/** Milliseconds of processor time that a process and its threads have taken. */
function cpuMs({ pid }: ChildProcess): number {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return 0;
  const fields = readFileSync(path, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  const TICK_MS = 10;
  return TICK_MS * (user + system);
}
