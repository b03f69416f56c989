import { afterEach, expect, test } from 'vitest';
import { amount, dayOf, percent } from './format.ts';
import { beginLanguage, chooseLanguage, isTranslated, languageInUse } from './language.ts';
import { translated, words } from './words/index.ts';

afterEach(async () => {
  localStorage.clear();
  await chooseLanguage('en');
  localStorage.clear();
});

const moment = Date.UTC(2026, 10, 22, 12);

test('a chosen language is spoken at once, in words, numbers and dates, and the page says which it is', async () => {
  await chooseLanguage('de');
  translated(true);
  expect(document.documentElement.lang).toBe('de');
  expect([languageInUse.value, words().install.language]).toEqual(['de', 'Sprache']);
  expect([amount(12_500.5), percent(0.953), dayOf(moment)]).toEqual([
    '12.500,5',
    '95,3 %',
    '22. November 2026',
  ]);
  await chooseLanguage('en');
  expect(document.documentElement.lang).toBe('en');
  expect([amount(12_500.5), percent(0.953), dayOf(moment)]).toEqual([
    '12,500.5',
    '95.3 %',
    '22 November 2026',
  ]);
});

test('the choice outlives the page, and nonsense that was kept does no harm', async () => {
  await chooseLanguage('de');
  languageInUse.value = 'en';
  await beginLanguage();
  expect(languageInUse.value).toBe('de');
  localStorage.setItem('tabgrad.language', 'klingon');
  await beginLanguage();
  expect(languageInUse.value).toBe(navigator.language.startsWith('de') ? 'de' : 'en');
});

test('pages for volunteers are translated, those for researchers are not', () => {
  expect(
    ['/', '/run', '/me', '/privacy', '/certificate', '/teams/join', '/teams/1a'].filter(isTranslated),
  ).toHaveLength(7);
  expect(
    ['/sweeps', '/sweeps/new', '/boards', '/about', '/status', '/runner', '/nowhere'].filter(isTranslated),
  ).toEqual([]);
});
