import * as v from 'valibot';
import { expect, test } from 'vitest';
import { exchangeRequest } from '../../shared/work.ts';
import { type Conditions, DEFAULTS, readSettings, ruleOf, type Settings } from './settings.ts';

const noon: Conditions = { minuteOfDay: 12 * 60, isOnBattery: false, isHidden: false };
const rule = (settings: Partial<Settings>, conditions: Partial<Conditions> = {}) =>
  ruleOf({ ...DEFAULTS, ...settings }, { ...noon, ...conditions });

test('hours may span midnight, begin on the minute and end on it', () => {
  const night = { hours: { from: 22, to: 7 } };
  const restsAt = (minuteOfDay: number) => rule(night, { minuteOfDay }).rest !== null;
  expect([0, 6 * 60 + 59, 22 * 60, 23 * 60 + 59].map(restsAt)).toEqual([false, false, false, false]);
  expect([7 * 60, 12 * 60, 21 * 60 + 59].map(restsAt)).toEqual([true, true, true]);
  expect(rule(night).rest).toEqual({ why: 'hours', until: 22 });
  expect(rule({ hours: { from: 9, to: 17 } }).rest).toBeNull();
  expect(rule({ hours: { from: 9, to: 17 } }, { minuteOfDay: 17 * 60 }).rest).not.toBeNull();
});

test('a battery is spared where the browser tells of it, unless it may be used', () => {
  expect(rule({}, { isOnBattery: true }).rest).toEqual({ why: 'battery' });
  expect(rule({}, { isOnBattery: null }).rest).toBeNull();
  expect(rule({ battery: 'train' }, { isOnBattery: true }).rest).toBeNull();
});

test('a hidden tab trains, slows down or rests, as was chosen', () => {
  const hidden = { isHidden: true };
  expect(rule({ duty: 60 }, hidden)).toEqual({ duty: 0.6, rest: null });
  expect(rule({ duty: 60, hidden: 'slow' }, hidden)).toEqual({ duty: 0.1, rest: null });
  expect(rule({ hidden: 'rest' }, hidden).rest).toEqual({ why: 'hidden' });
  expect(rule({ hidden: 'rest' }).rest).toBeNull();
});

test('settings that were kept broken are as by default, each by itself', () => {
  expect(readSettings(null)).toEqual(DEFAULTS);
  expect(readSettings({ duty: 5, hidden: 'slow', hours: { from: 3, to: 3 } })).toEqual({
    ...DEFAULTS,
    hidden: 'slow',
  });
  expect(readSettings({ duty: 25, hours: { from: 22, to: 7 } })).toEqual({
    ...DEFAULTS,
    duty: 25,
    hours: { from: 22, to: 7 },
  });
});

test('a cause that was kept is one that the server takes, or none', () => {
  const read = (cause: unknown) => readSettings({ cause }).cause;
  const causes = [
    { sweepId: 'demo-00000000', researcher: null },
    { sweepId: null, researcher: 'Ada', phenomenon: null },
    { sweepId: null, researcher: null, phenomenon: 'grokking' },
  ];
  for (const cause of causes) {
    expect(read(cause)).toEqual(cause);
    expect(v.is(exchangeRequest.entries.prefers, cause)).toBe(true);
  }
  for (const cause of [
    ...[5, 'demo', {}, { sweepId: 'demo', researcher: null }, { sweepId: null, researcher: ' ' }],
    ...[
      { sweepId: null, researcher: null, phenomenon: 'fame' },
      { sweepId: null, researcher: null, more: 1 },
    ],
  ]) {
    expect(read(cause)).toBeNull();
    expect(v.is(exchangeRequest.entries.prefers, cause)).toBe(false);
  }
});
