import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeOutbox } from './outbox-node.ts';

type Run = { run: number; text: string };
const isRun = (value: unknown): value is Run => typeof (value as Run | null)?.run === 'number';

let folder: string;
let troubles: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabgrad-outbox-'));
  troubles = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (place = folder) =>
  nodeOutbox<Run>(place, { accepts: isRun, onTrouble: (words) => troubles.push(words) });
const module = new URL('./outbox-node.ts', import.meta.url).href;
const flags = ['--input-type=module', '--disable-warning=ExperimentalWarning'];
const inside = () => join(folder, 'outbox-1');
const files = () => readdirSync(inside()).map((name) => join(inside(), name));
const runs = async () => (await open().all()).map(({ value }) => value.run).sort((a, b) => a - b);

test('a program started anew finds what the last one had finished', async () => {
  expect(await open().all()).toEqual([]);
  const outbox = open();
  await outbox.put('sweep/1', { run: 1, text: 'é\n\u2028' });
  await outbox.put('../2', { run: 2, text: '' });
  await outbox.remove(['../2']);
  expect((await open().all()).map(({ key, value }) => [key, value])).toEqual([
    ['sweep/1', { run: 1, text: 'é\n\u2028' }],
  ]);
  expect(readdirSync(folder)).toEqual(['outbox-1']);
  expect(troubles).toEqual([]);
});

test('a file cut short at any byte, or changed in any, is skipped, removed and said', async () => {
  await open().put('a', { run: 1, text: 'x' });
  const [path] = files() as [string];
  const whole = readFileSync(path);
  const damages = [...whole.keys()].flatMap((at) => {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] as number) ^ 1;
    return [whole.subarray(0, at), changed];
  });
  await open().put('b', { run: 2, text: '' });
  for (const damage of damages) {
    troubles = [];
    writeFileSync(path, damage);
    expect(await runs()).toEqual([2]);
    expect(files()).not.toContain(path);
    expect(troubles).toEqual(['1 finished result was damaged on this device and cannot be sent.']);
  }
});

test('what a killed program left unfinished is no entry, and goes after an hour', async () => {
  await open().put('a', { run: 1, text: '' });
  const [path] = files() as [string];
  const old = `${path}.1.unfinished`;
  const young = `${path}.2.unfinished`;
  for (const unfinished of [old, young]) writeFileSync(unfinished, readFileSync(path).subarray(0, 80));
  utimesSync(old, 0, 0);
  expect(await runs()).toEqual([1]);
  expect(files().sort()).toEqual([path, young].sort());
  expect(troubles).toEqual([]);
});

test('a folder that cannot be written leaves finished work in memory and throws nothing', async () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  const outbox = open(file);
  await outbox.put('a', { run: 1, text: '' });
  await outbox.put('b', { run: 2, text: '' });
  await outbox.remove(['a']);
  expect((await outbox.all()).map(({ key }) => key)).toEqual(['b']);
  expect(troubles).toHaveLength(1);
  expect(troubles[0]).toMatch(/does not keep finished work \(Error: E/);
});

test.skipIf(process.platform === 'win32')('a write cut short leaves what was kept before it', async () => {
  await open().put('a', { run: 1, text: '' });
  const code = `
    const { nodeOutbox } = await import(process.argv[1]);
    const outbox = nodeOutbox(process.argv[2], { accepts: () => true, onTrouble: console.log });
    await outbox.put('a', { run: 2, text: 'x'.repeat(1e6) });`;
  const limited = ['-c', 'ulimit -f 64; exec "$@"', 'sh', process.execPath, ...flags, '-e', code];
  const { stdout } = spawnSync('sh', [...limited, module, folder], { encoding: 'utf8' });
  expect(stdout).toContain('EFBIG');
  expect(await runs()).toEqual([1]);
  expect(files()).toHaveLength(1);
  expect(troubles).toEqual([]);
});

// Tells of every put that is done; killed, it leaves a file in whatever state it has come to.
const program = `
  const { nodeOutbox } = await import(process.argv[1]);
  const outbox = nodeOutbox(process.argv[2], { accepts: () => true, onTrouble: () => {} });
  for (let run = 0; ; run++) {
    await outbox.put('the same', { run, text: 'x'.repeat(2e6) });
    await outbox.put(String(run), { run, text: '' });
    process.stdout.write(run + '\\n');
  }`;

test('a program killed in the middle of a put has lost nothing that it had put', async () => {
  for (let kill = 0; kill < 4; kill++) {
    rmSync(inside(), { recursive: true, force: true });
    const child = spawn(process.execPath, [...flags, '-e', program, module, folder]);
    let said = '';
    for await (const chunk of child.stdout) {
      said += chunk;
      if (said.split('\n').length > 5) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const done = said.split('\n').slice(0, -1).map(Number);
    expect(done.length).toBeGreaterThanOrEqual(5);
    const kept = new Map((await open().all()).map(({ key, value }) => [key, value.run]));
    expect(done.filter((run) => kept.get(`${run}`) !== run)).toEqual([]);
    expect(kept.get('the same')).toBeGreaterThanOrEqual(done.length - 1);
    expect(troubles).toEqual([]);
  }
});

test('two programs put and remove at the same time without harm', async () => {
  const [one, two] = [open(), open()];
  const keys = Array.from({ length: 20 }, (_, i) => `${i}`);
  await Promise.all(
    [one, two].flatMap((outbox) => keys.map((key) => outbox.put(key, { run: Number(key), text: '' }))),
  );
  await Promise.all([one.remove(keys.slice(0, 10)), two.remove(keys.slice(5, 15))]);
  expect(await runs()).toEqual([15, 16, 17, 18, 19]);
  expect(troubles).toEqual([]);
});
