import * as v from 'valibot';
import { expect, test } from 'vitest';
import { handBackRequest } from '../../shared/work.ts';
import { plain } from './plain.ts';

test.each([
  ['letters', 'x'.repeat(300)],
  ['characters of two units', '😀'.repeat(300)],
  ['characters of two units at an odd place', `x${'😀'.repeat(300)}`],
  ['half a character at the end', `${'x'.repeat(198)}\ud83d\ud83d and more`],
  ['lines and control characters', 'a\n\tb\u0000\u200bc'],
  ['nothing', ' \n '],
])('an engine’s words fit into a hand-back: %s', (_, words) => {
  const line = plain(words);
  expect(v.is(handBackRequest.entries.reason, line)).toBe(true);
  expect(line.isWellFormed()).toBe(true);
});

test('words are cut where they are too long, and only there', () => {
  expect(plain('x'.repeat(200))).toBe('x'.repeat(200));
  expect(plain('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`);
  expect(plain('😀'.repeat(101))).toBe(`${'😀'.repeat(99)}…`);
});
