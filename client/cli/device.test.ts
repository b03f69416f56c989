import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { claimDevice } from './device.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'tabgrad-device-'));

test('two terminals at once are two devices, and one that ended leaves its place', () => {
  const host = folder();
  const [first, second] = [claimDevice(host), claimDevice(host)];
  expect(first.deviceId).toMatch(/^[0-9a-f]{32}$/);
  expect([second.deviceId === first.deviceId, second.folder === first.folder]).toEqual([false, false]);
  first.release();
  const third = claimDevice(host);
  expect([third.deviceId, third.folder]).toEqual([first.deviceId, first.folder]);
  expect(claimDevice(host).folder).not.toBe(second.folder);
});

test.each([
  ['was killed', JSON.stringify({ pid: 2 ** 22 + 1, birth: 'long ago' })],
  ['has the number of another process now', JSON.stringify({ pid: process.pid, birth: 'long ago' })],
  ['left half a lock', '{"pi'],
])('a terminal that %s is the same device when it is started again', (_, lock) => {
  const host = folder();
  const before = claimDevice(host);
  writeFileSync(join(before.folder, 'lock'), lock);
  const after = claimDevice(host);
  expect([after.deviceId, after.folder]).toEqual([before.deviceId, before.folder]);
});

test('an id that cannot be read is replaced', () => {
  const host = folder();
  const before = claimDevice(host);
  before.release();
  writeFileSync(join(before.folder, 'device-id'), 'nonsense');
  expect(claimDevice(host).deviceId).toMatch(/^[0-9a-f]{32}$/);
});
