// What the training tells of itself. It comes with the training, in all languages, so that the first page stays small.

import { log as deLog } from './de/log.ts';
import { log } from './en/log.ts';
import { type Language, language } from './index.ts';

export const TELLING: Record<Language, typeof log> = { en: log, de: deLog };

/** The words in the language in use. Ask anew every time. */
export const telling = (): typeof log => TELLING[language()];
