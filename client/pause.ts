// A pause that stays one: noted for this tab, so that a page that is loaded again comes up paused.

import type { Preference } from '../shared/work.ts';
import { forget, keep, kept } from './storage/page-memory.ts';

export interface Pause {
  /** Since when. */
  atMs: number;
  /** What it worked for first. */
  prefers: Preference | null;
  /** The runs in hand were to be the last. */
  isFinishing: boolean;
}

const KEY = 'tabgrad.paused';

/** Where storage is refused a reload ends the training. */
export const keepPause = (pause: Pause): void => keep('sessionStorage', KEY, pause);

export const forgetPause = (): void => forget('sessionStorage', KEY);

/** Null where training is not paused in this tab. */
export function keptPause(): Pause | null {
  const pause = kept('sessionStorage', KEY) as Pause | null;
  return Number.isFinite(pause?.atMs) ? pause : null;
}
