import { expect, test } from 'vitest';
import { hoursWords, withEnd } from './hours.ts';

const night = { from: 22, to: 7 };

test('a schedule says when it next rests, and when it next goes on', () => {
  expect(hoursWords(night, 23 * 60)).toBe('It may train now, and rests from 07:00 on.');
  expect(hoursWords(night, 12 * 60)).toBe('It would rest now, and goes on at 22:00.');
});

test('its two ends are never the same hour', () => {
  expect(withEnd(night, 'to', 9)).toEqual({ from: 22, to: 9 });
  expect(withEnd(night, 'to', 22)).toEqual({ from: 21, to: 22 });
  expect(withEnd({ from: 5, to: 23 }, 'from', 23)).toEqual({ from: 23, to: 0 });
  expect(withEnd({ from: 5, to: 6 }, 'to', 5)).toEqual({ from: 4, to: 5 });
});
