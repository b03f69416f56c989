// The settings this browser keeps: for all its tabs, and for the next visit.

import { readSettings, type Settings } from './volunteer/settings.ts';

const KEY = 'tabgrad.settings';

/** As kept; what is missing or broken is as by default. */
export function keptSettings(): Settings {
  try {
    return readSettings(JSON.parse(localStorage.getItem(KEY) ?? 'null'));
  } catch {
    return readSettings(null);
  }
}

// Storage may be refused (private windows): then they hold for this visit.
export function keepSettings(settings: Settings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {}
}

/** Tells what another tab has changed. */
export function onSettingsElsewhere(tell: (settings: Settings) => void): void {
  if (typeof window === 'undefined') return;
  // A key of null: everything was cleared.
  addEventListener('storage', ({ key }) => {
    if (key === KEY || key === null) tell(keptSettings());
  });
}
