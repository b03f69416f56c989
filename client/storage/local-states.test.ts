import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SealedStates, type StateFolder } from './local-states.ts';
import { nodeLocalStates } from './local-states-node.ts';

/** A folder in memory of which any write can be cut short. */
function memoryFolder() {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const folder = { files, keepsOnly: null as number | null, dies: false };
  const methods: StateFolder = {
    list: async () => [...files].map(([name, { length }]) => ({ name, bytes: length })),
    read: async (name) => files.get(name) as Uint8Array<ArrayBuffer>,
    write: async (name, bytes) => {
      files.set(name, bytes.slice(0, folder.keepsOnly ?? bytes.length));
      if (folder.dies) await new Promise(() => {});
      if (folder.keepsOnly !== null) throw new Error('the disk is full');
    },
    remove: async (name) => void files.delete(name),
  };
  return Object.assign(folder, methods);
}

const state = (n: number, length = 100) => new Uint8Array(length).fill(n);

test('the last state saved is the one loaded, by another tab too', async () => {
  const folder = memoryFolder();
  const states = new SealedStates(folder);
  expect(await states.load('a')).toBeNull();
  for (const n of [1, 2, 3]) expect(await states.save('run-7.a', state(n))).toBe(true);
  expect(await states.save('empty', state(0, 0))).toBe(true);
  const again = new SealedStates(folder);
  expect(await again.load('run-7.a')).toEqual(state(3));
  expect(await again.load('empty')).toEqual(state(0, 0));
  expect((await again.keys()).sort()).toEqual(['empty', 'run-7.a']);
  expect(folder.files.size).toBe(2);
  await again.remove('run-7.a');
  expect(await states.keys()).toEqual(['empty']);
  await again.clear();
  expect(folder.files.size).toBe(0);
});

test('a crash at any byte of a save leaves the state before it', async () => {
  for (const at of [0, 1, 8, 16, 47, 48, 49, 147]) {
    const folder = memoryFolder();
    await new SealedStates(folder).save('a', state(1));
    Object.assign(folder, { keepsOnly: at, dies: true });
    void new SealedStates(folder).save('a', state(2));
    await expect.poll(() => folder.files.size).toBe(2);
    Object.assign(folder, { keepsOnly: null, dies: false });
    const next = new SealedStates(folder);
    expect(await next.load('a')).toEqual(state(1));
    expect(folder.files.size).toBe(1);
    expect(await next.save('a', state(3))).toBe(true);
    expect(await next.load('a')).toEqual(state(3));
  }
});

test('a crash after a save, before the state it replaces is gone, leaves the new one', async () => {
  const folder = memoryFolder();
  await new SealedStates(folder).save('a', state(1));
  Object.assign(folder, { dies: true });
  void new SealedStates(folder).save('a', state(2));
  await expect.poll(() => folder.files.size).toBe(2);
  expect(await new SealedStates(folder).load('a')).toEqual(state(2));
});

test('a full disk makes a save say false and keeps the state before it', async () => {
  const folder = memoryFolder();
  const states = new SealedStates(folder);
  await states.save('a', state(1));
  folder.keepsOnly = 60;
  expect(await states.save('a', state(2))).toBe(false);
  expect(folder.files.size).toBe(1);
  expect(await states.load('a')).toEqual(state(1));
});

test('a damaged byte anywhere makes a state null, and it is removed', async () => {
  const folder = memoryFolder();
  const states = new SealedStates(folder);
  for (let at = 0; at < 58; at++) {
    await states.save('a', state(1, 10));
    const [file] = folder.files.values();
    (file as Uint8Array)[at]! ^= 1;
    expect(await states.load('a')).toBeNull();
    expect(folder.files.size).toBe(0);
  }
});

test('all states together keep within their bound: the oldest goes first', async () => {
  const folder = memoryFolder();
  const states = new SealedStates(folder, 1000);
  for (const key of ['a', 'b', 'c']) await states.save(key, state(1, 252));
  await states.save('a', state(2, 252));
  await states.save('d', state(1, 252));
  expect((await states.keys()).sort()).toEqual(['a', 'c', 'd']);
  expect(await states.save('e', state(1, 953))).toBe(false);
  expect((await states.keys()).sort()).toEqual(['a', 'c', 'd']);
  expect(await states.save('e', state(1, 952))).toBe(true);
  expect(await states.keys()).toEqual(['e']);
  await states.clear();
  for (const [key, length] of Object.entries({ small: 10, large: 600, new: 400 }))
    await states.save(key, state(1, length));
  expect(await states.keys()).toEqual(['new']);
});

test('the caller may train on while its state is saved, and save twice without waiting', async () => {
  const folder = memoryFolder();
  const states = new SealedStates(folder);
  const bytes = state(1);
  const saved = states.save('a', bytes);
  bytes.fill(2);
  const savedToo = states.save('b', bytes);
  bytes.fill(3);
  const savedAgain = states.save('b', bytes);
  expect(await Promise.all([saved, savedToo, savedAgain])).toEqual([true, true, true]);
  expect(await states.load('a')).toEqual(state(1));
  expect(await states.load('b')).toEqual(state(3));
  expect([...folder.files.keys()]).toEqual(['a_1', 'b_3']);
});

test('a state may be an array of floats again, without a copy', async () => {
  const floats = Float32Array.of(1, Number.NaN, -0, Number.POSITIVE_INFINITY);
  const states = new SealedStates(memoryFolder());
  await states.save('a', new Uint8Array(floats.buffer));
  const { buffer, byteOffset } = (await states.load('a')) as Uint8Array;
  expect(new Float32Array(buffer, byteOffset)).toEqual(floats);
});

test('a key with other characters is a mistake of the caller', () => {
  const states = new SealedStates(memoryFolder());
  for (const key of ['', 'A', 'a/b', 'a_1', '\u00e9', 'a'.repeat(121)])
    expect(() => states.save(key, state(1))).toThrow('is no key');
});

test('storage that refuses is no error', async () => {
  const refuses = () => Promise.reject(new Error('refused'));
  const states = new SealedStates({ list: refuses, read: refuses, write: refuses, remove: refuses });
  expect(await states.save('a', state(1))).toBe(false);
  expect(await states.load('a')).toBeNull();
  expect(await states.keys()).toEqual([]);
  await states.remove('a');
  await states.clear();
});

test('a state that cannot be read at the moment is not taken for a damaged one', async () => {
  const folder = memoryFolder();
  await new SealedStates(folder).save('a', state(1));
  const locked = new SealedStates({ ...folder, read: () => Promise.reject(new Error('locked')) });
  expect(await locked.load('a')).toBeNull();
  expect(await new SealedStates(folder).load('a')).toEqual(state(1));
});

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tabgrad-states-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('a terminal keeps its states in files', async () => {
  const states = nodeLocalStates(home, { bytesMax: 1000 });
  for (const n of [1, 2]) expect(await states.save('..', state(n))).toBe(true);
  expect(await states.save('b', state(3))).toBe(true);
  expect(await states.save('c', state(3, 1001))).toBe(false);
  expect(readdirSync(join(home, 'states-1')).sort()).toEqual(['.._2', 'b_3']);
  expect(await nodeLocalStates(home).load('..')).toEqual(state(2));
  const path = join(home, 'states-1', 'b_3');
  writeFileSync(path, readFileSync(path).subarray(0, 90));
  expect(await nodeLocalStates(home).load('b')).toBeNull();
  expect(await nodeLocalStates(home).keys()).toEqual(['..']);
  await states.clear();
  expect(readdirSync(join(home, 'states-1'))).toEqual([]);
});

test('a terminal that cannot write its folder says false', async () => {
  const file = join(home, 'a-file');
  writeFileSync(file, '');
  const states = nodeLocalStates(file);
  expect(await states.save('a', state(1))).toBe(false);
  expect(await states.load('a')).toBeNull();
});
