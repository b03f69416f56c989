import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './local/processes.ts';
import { VOLUNTEER_OPTIONS, wishesOf } from './volunteer-options.ts';

const folder = join(root, 'examples', 'systemd');
const unit = join(folder, 'tabgrad-volunteer.service');
const settings = join(folder, 'tabgrad-volunteer.conf');

test('the settings beside the service are ones, as they are and with every line switched on', () => {
  const switchedOn = join(mkdtempSync(join(tmpdir(), 'tabgrad-systemd-')), 'settings');
  writeFileSync(switchedOn, readFileSync(settings, 'utf8').replaceAll(/^# (\w[\w-]*: )/gm, '$1'));
  expect(wishesOf({ settings }).settings.duty).toBe(100);
  expect(wishesOf({ settings: switchedOn })).toMatchObject({
    settings: { duty: 50, hours: { from: 22, to: 7 }, cause: { phenomenon: 'grokking' } },
    workers: 2,
  });
});

test('the service starts a command that there is, and stops it with one signal', () => {
  const text = readFileSync(unit, 'utf8');
  const [, command = ''] = /^ExecStart=(.+)$/m.exec(text) ?? [];
  expect(command).toContain('client/cli/local/setup.mjs tabgrad volunteer ');
  const options = [...command.matchAll(/ --([\w-]+)/g)].map(([, name]) => name as string);
  expect(options).toEqual(['settings']);
  expect(Object.keys(VOLUNTEER_OPTIONS)).toEqual(expect.arrayContaining(options));
  // With the default every process of the service gets the signal, and the first passes it on: twice is "at once".
  expect(text).toContain('KillMode=mixed');
  expect(text).not.toMatch(/^MemoryDenyWriteExecute=(yes|true)/m);
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
test.runIf(hasSystemd)('systemd finds nothing wrong with the service', () => {
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('the page on the terminal names every option', () => {
  const page = readFileSync(join(root, 'docs', 'terminal.md'), 'utf8');
  for (const name of Object.keys(VOLUNTEER_OPTIONS)) expect(page).toContain(`--${name}`);
});
