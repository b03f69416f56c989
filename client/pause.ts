// A pause that stays one: noted for this tab, so that a page that is loaded again comes up paused.

import type { Preference } from '../shared/work.ts';

export interface Pause {
  /** Since when. */
  atMs: number;
  /** What it worked for first. */
  prefers: Preference | null;
  /** The runs in hand were to be the last. */
  isFinishing: boolean;
}

const KEY = 'tabgrad.paused';

// Storage may be refused (private windows): then a reload ends the training.
export function keepPause(pause: Pause): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(pause));
  } catch {}
}

export function forgetPause(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {}
}

/** Null where training is not paused in this tab. */
export function keptPause(): Pause | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Pause | null;
    return Number.isFinite(kept?.atMs) ? kept : null;
  } catch {
    return null;
  }
}
