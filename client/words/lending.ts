// The words of the page where a device is lent. They come with it, in all languages, so that the first page stays small.

import { consent as deConsent } from './de/consent.ts';
import { device as deDevice } from './de/device.ts';
import { run as deRun } from './de/run.ts';
import { settings as deSettings } from './de/settings.ts';
import { show as deShow } from './de/show.ts';
import { consent } from './en/consent.ts';
import { device } from './en/device.ts';
import { run } from './en/run.ts';
import { settings } from './en/settings.ts';
import { show } from './en/show.ts';
import { type Language, language } from './index.ts';

const en = { consent, device, run, settings, show };
export type Lending = typeof en;

export const LENDING: Record<Language, Lending> = {
  en,
  de: { consent: deConsent, device: deDevice, run: deRun, settings: deSettings, show: deShow },
};

/** The words in the language in use. Ask anew at every rendering. */
export const lending = (): Lending => LENDING[language()];
