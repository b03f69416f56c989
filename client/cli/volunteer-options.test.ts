import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULTS } from '../volunteer/settings.ts';
import { wishesOf } from './volunteer-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'tabgrad-settings-'));
let files = 0;
function file(text: string): string {
  const path = join(folder, `${++files}.yaml`);
  writeFileSync(path, text);
  return path;
}

test('without a wish everything is as on the page', () => {
  expect(wishesOf({})).toEqual({
    settings: DEFAULTS,
    name: undefined,
    engine: undefined,
    workers: undefined,
    untilDone: false,
  });
});

test('options say what the page has controls for', () => {
  const { settings } = wishesOf({
    ...{ duty: '25', hours: '22-7', 'on-battery': 'train' },
    ...{ sweep: 'grid-0123abcd', phenomenon: 'pruning', researcher: 'Ada' },
  });
  expect(settings).toMatchObject({ duty: 25, hours: { from: 22, to: 7 }, battery: 'train' });
  expect(settings.cause).toEqual({ sweepId: 'grid-0123abcd', researcher: 'Ada', phenomenon: 'pruning' });
});

test('a file holds the same options, and those of the command count more', () => {
  const path = file('duty: 40\nhours: 8-18\non-battery: train\nname: node-7\nworkers: 2\nuntil-done: true\n');
  const wishes = wishesOf({ settings: path, duty: '60' });
  expect(wishes).toMatchObject({ name: 'node-7', workers: 2, untilDone: true });
  expect(wishes.settings).toMatchObject({ duty: 60, hours: { from: 8, to: 18 }, battery: 'train' });
  expect(wishesOf({ settings: file('{ "duty": 30 }') }).settings.duty).toBe(30);
  expect(wishesOf({ settings: file('# nothing yet\n') }).settings).toEqual(DEFAULTS);
});

test.each([
  [{ duty: '5' }, '--duty: "5" is not a whole number from 10 to 100'],
  [{ duty: 'half' }, '--duty: "half" is not a whole number from 10 to 100'],
  [{ hours: '22' }, '--hours: "22" is not two different hours from 0 to 23, such as 22-7'],
  [{ hours: '7-7' }, '--hours: "7-7" is not two different hours'],
  [{ hours: '8-24' }, '--hours: "8-24" is not two different hours'],
  [{ 'on-battery': 'stop' }, '--on-battery: "stop" is not one of rest, train'],
  [{ phenomenon: 'magic' }, '--phenomenon: "magic" is not one of grokking, lottery-tickets'],
  [{ sweep: 'nope' }, '--sweep: "nope" is not the id of a sweep; its address ends in it'],
  [{ researcher: 'x'.repeat(81) }, 'is not the name of a researcher: 1 to 80 characters'],
  [{ name: 'x'.repeat(60) }, '--name: '],
  [{ workers: '0' }, '--workers: "0" is not a whole number from 1 to 256'],
])('%j is refused with what is right', (options, words) => {
  expect(() => wishesOf(options)).toThrow(words);
});

test.each([
  ['duty: 5', '.yaml: duty: "5" is not a whole number from 10 to 100'],
  ['hours: 9', '.yaml: hours: "9" is not two different hours'],
  ['speed: 3', '.yaml: speed is no setting; there are duty, hours, on-battery'],
  ['settings: other.yaml', '.yaml: settings is no setting'],
  ['duty: [1, 2]', '.yaml: duty needs a single value after it'],
  ['- duty', 'holds no settings; write them a line each, as in "duty: 25"'],
  ['duty: "', 'is not YAML: '],
])('a file that says %j is refused with its name', (text, words) => {
  expect(() => wishesOf({ settings: file(text) })).toThrow(words);
});

test('a file that is not there is refused', () => {
  const settings = join(folder, 'none.yaml');
  expect(() => wishesOf({ settings })).toThrow(
    `--settings: ${settings} cannot be read: there is no such file.`,
  );
});
