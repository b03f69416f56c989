import { afterEach, expect, test } from 'vitest';
import { de } from './de/index.ts';
import { en } from './en/index.ts';
import { closestLanguage, language, speak, words } from './index.ts';
import { LENDING } from './lending.ts';
import { TELLING } from './telling.ts';

afterEach(() => speak('en'));

test('the reader’s first language that there is is spoken, and English where there is none', async () => {
  expect(closestLanguage(['fr-CH', 'de-AT', 'en'])).toBe('de');
  expect(closestLanguage(['fr', 'it'])).toBe('en');
  expect(closestLanguage([])).toBe('en');
  await speak('de');
  expect(language()).toBe('de');
  expect(words()).toBe(de);
});

/** Every key with whether it takes something in; strings must not be empty. */
const shape = (value: unknown, path = ''): string[] => {
  if (typeof value === 'string') return [`${path}: ${value.trim() === '' ? 'empty' : 'words'}`];
  if (typeof value === 'function') return [`${path}: function`];
  return Object.entries(value as object).flatMap(([key, inner]) => shape(inner, `${path}.${key}`));
};

test.each([
  ['on every page', en, de],
  ['where a device is lent', LENDING.en, LENDING.de],
  ['while it trains', TELLING.en, TELLING.de],
])('every language says everything that English says %s', (_, english, german) => {
  expect(shape(german)).toEqual(shape(english));
  expect(shape(english).filter((one) => one.endsWith(': empty'))).toEqual([]);
});
