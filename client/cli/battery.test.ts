import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isOnBattery, type Supply, suppliesHere } from './battery.ts';

const supply = (type: string, more: Partial<Supply> = {}): Supply => ({
  ...{ type, scope: null, status: null, online: null },
  ...more,
});
const battery = (status: string, more: Partial<Supply> = {}) => supply('Battery', { status, ...more });
const mains = (online: '0' | '1') => supply('Mains', { online });

test.each([
  ['a laptop that is unplugged', [mains('0'), battery('Discharging')], true],
  ['one that is plugged in', [mains('1'), battery('Charging')], false],
  ['one that is plugged in and full', [mains('1'), battery('Full')], false],
  [
    'one whose charger is too weak, which is plugged in all the same',
    [mains('1'), battery('Discharging')],
    false,
  ],
  ['one that is charged over USB', [mains('0'), supply('USB', { online: '1' }), battery('Charging')], false],
  ['one with two batteries', [battery('Unknown'), battery('Discharging')], true],
  ['a desktop with a mouse without a wire', [battery('Discharging', { scope: 'Device' })], null],
  ['a server that only knows its mains', [mains('1')], false],
  ['a machine that tells nothing', [], null],
])('%s', (_, supplies, expected) => {
  expect(isOnBattery(supplies)).toBe(expected);
});

test('what the kernel says is read from its files, and nothing where there are none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tabgrad-power-'));
  const files = { AC: { type: 'Mains', online: '0' }, BAT0: { type: 'Battery', status: 'Discharging' } };
  for (const [name, told] of Object.entries(files)) {
    mkdirSync(join(folder, name));
    for (const [what, words] of Object.entries(told)) writeFileSync(join(folder, name, what), `${words}\n`);
  }
  expect(isOnBattery(suppliesHere(folder))).toBe(true);
  expect(suppliesHere(join(folder, 'none'))).toEqual([]);
});
