import { expect, test } from 'vitest';
import { BELONGING } from './belonging.ts';

/** Every key with whether it takes something in; strings must not be empty. */
const shape = (value: unknown, path = ''): string[] => {
  if (typeof value === 'string') return [`${path}: ${value.trim() === '' ? 'empty' : 'words'}`];
  if (typeof value === 'function') return [`${path}: takes ${value.length}`];
  return Object.entries(value as object).flatMap(([key, inner]) => shape(inner, `${path}.${key}`));
};

test('a volunteer’s own pages say everything in every language', () => {
  const { en, ...others } = BELONGING;
  expect(shape(en).filter((one) => one.endsWith(': empty'))).toEqual([]);
  for (const one of Object.values(others)) expect(shape(one)).toEqual(shape(en));
});

test('nothing is called verified that nobody verified', () => {
  expect(JSON.stringify(BELONGING)).not.toMatch(/verif|überprüft|geprüfte/i);
});

test('words that name a thing in hand agree with its number', () => {
  const { me } = BELONGING.en;
  expect(me.pending.waiting('1', true)).toContain('One finished result waits');
  expect(me.pending.waiting('12', false)).toContain('12 finished results wait');
});
