// How busy this device was when it last trained, kept in this browser to be told before the next time.

import type { Busy } from '../../engine/messages.ts';
import { keep, kept } from '../../storage/page-memory.ts';

const KEY = 'tabgrad.busy';
/** A shorter look says little. */
const LONG_MS = 10_000;

export interface LastBusy {
  /** Measured, from 0 to 1. */
  share: number;
  /** The duty cycle it was set to, in percent. */
  duty: number;
  atMs: number;
}

/** Null where nothing was kept, or nothing that can be read. */
export function lastBusy(): LastBusy | null {
  const { share, duty, atMs } = (kept('localStorage', KEY) ?? {}) as Partial<LastBusy>;
  const isWhole = Number.isFinite(share) && Number.isFinite(duty) && Number.isFinite(atMs);
  return isWhole ? ({ share, duty, atMs } as LastBusy) : null;
}

/** Keeps what was measured once it was watched for long enough. Does nothing where storage is refused. */
export function keepBusy({ share, overMs }: Busy, duty: number, atMs: number): void {
  if (overMs < LONG_MS) return;
  keep('localStorage', KEY, { share, duty, atMs } satisfies LastBusy);
}
