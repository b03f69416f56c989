// What the pages for all say, in the reader's language. English is always there; others are loaded when chosen.

import { en, type Words } from './en/index.ts';

export type { Words } from './en/index.ts';

/** Languages with their own names, English first. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

const others: Record<Exclude<Language, 'en'>, () => Promise<Words>> = {
  de: async () => (await import('./de/index.ts')).de,
};

let current: { language: Language; words: Words } = { language: 'en', words: en };

/** All words in the language in use. Ask anew at every rendering: the language may change. */
export const words = (): Words => current.words;

let isPageTranslated = true;

/** The words that go with the page in view. A page for researchers is in English, and so are its numbers. */
export const pageWords = (): Words => (isPageTranslated ? current.words : en);

/** Says whether the page in view is there in other languages than English. */
export function translated(is: boolean): void {
  isPageTranslated = is;
}

export const language = (): Language => current.language;

export const isLanguage = (value: unknown): value is Language =>
  typeof value === 'string' && Object.hasOwn(LANGUAGES, value);

/** The first of the wished languages ("de-AT" counts as "de") that there is; English where there is none. */
export function closestLanguage(wished: readonly string[]): Language {
  const known = wished.map((tag) => tag.toLowerCase().split('-')[0]).find(isLanguage);
  return known ?? 'en';
}

/** Loads a language and speaks it from then on. Stays with the one before where it cannot be loaded. */
export async function speak(wanted: Language): Promise<void> {
  const found = wanted === 'en' ? en : await others[wanted]().catch(() => null);
  if (found) current = { language: wanted, words: found };
}
