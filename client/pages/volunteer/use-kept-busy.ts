import { useEffect, useRef } from 'preact/hooks';
import type { Busy } from '../../engine/messages.ts';
import { keepBusy } from './last-busy.ts';

const AGAIN_MS = 10_000;

/** Keeps how busy this device is for the next visit, now and then. `duty` is in percent. */
export function useKeptBusy(busy: Busy | null, duty: number): void {
  const keptAtMs = useRef(0);
  useEffect(() => {
    const nowMs = Date.now();
    if (!busy || nowMs - keptAtMs.current < AGAIN_MS) return;
    keptAtMs.current = nowMs;
    keepBusy(busy, duty, nowMs);
  }, [busy]);
}
