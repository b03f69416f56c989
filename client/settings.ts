// The settings this browser keeps: for all its tabs, and for the next visit.

import { keep, kept } from './storage/page-memory.ts';
import { readSettings, type Settings } from './volunteer/settings.ts';

const KEY = 'tabgrad.settings';

/** As kept; what is missing or broken is as by default. */
export const keptSettings = (): Settings => readSettings(kept('localStorage', KEY));

/** Where storage is refused they hold for this visit. */
export const keepSettings = (settings: Settings): void => keep('localStorage', KEY, settings);

/** Tells what another tab has changed. */
export function onSettingsElsewhere(tell: (settings: Settings) => void): void {
  if (typeof window === 'undefined') return;
  // A key of null: everything was cleared.
  addEventListener('storage', ({ key }) => {
    if (key === KEY || key === null) tell(keptSettings());
  });
}
