// The words of a volunteer's own pages. They come with these pages, in all languages, so that the first page stays small.

import { me as deMe } from './de/me.ts';
import { privacy as dePrivacy } from './de/privacy.ts';
import { teams as deTeams } from './de/teams.ts';
import { me } from './en/me.ts';
import { privacy } from './en/privacy.ts';
import { teams } from './en/teams.ts';
import { type Language, language } from './index.ts';

const en = { me, privacy, teams };
export type Belonging = typeof en;

export const BELONGING: Record<Language, Belonging> = {
  en,
  de: { me: deMe, privacy: dePrivacy, teams: deTeams },
};

/** The words in the language in use. Ask anew at every rendering. */
export const belonging = (): Belonging => BELONGING[language()];
