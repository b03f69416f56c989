// The language of the pages: the one chosen before, else the first that the browser asks for.

import { signal } from '@preact/signals';
import { closestLanguage, isLanguage, type Language, language, speak } from './words/index.ts';

const KEY = 'tabgrad.language';

/** Changes after the words are there, so that whoever reads it draws them. */
export const languageInUse = signal<Language>(language());

/** Speaks the reader's language. To be awaited before the first drawing; English needs no request. */
export const beginLanguage = (): Promise<void> => use(kept() ?? closestLanguage(navigator.languages));

/** Speaks another language from now on, and on later visits. */
export async function chooseLanguage(chosen: Language): Promise<void> {
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // Storage is refused: the choice holds for this visit.
  }
  await use(chosen);
}

const TRANSLATED = /^\/(run|me|privacy|certificate|teams(\/.*)?)?$/;

/** Whether the page of a path is there in all languages. */
export const isTranslated = (path: string): boolean => TRANSLATED.test(path);

async function use(wanted: Language): Promise<void> {
  await speak(wanted);
  document.documentElement.lang = language();
  languageInUse.value = language();
}

function kept(): Language | null {
  try {
    const value = localStorage.getItem(KEY);
    return isLanguage(value) ? value : null;
  } catch {
    return null;
  }
}
