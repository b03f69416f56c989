// What surrounds this page, as far as the browser tells: the clock, the battery, whether it is seen. And the screen,
// which it can keep on. All of it may be missing.

import { type ReadonlySignal, signal } from '@preact/signals';
import type { Conditions } from './volunteer/settings.ts';

/** Of the Battery Status API, which not every browser has. */
interface Battery extends EventTarget {
  charging: boolean;
}
type WithBattery = Navigator & { getBattery?: () => Promise<Battery> };

const MINUTE_MS = 60_000;

export class Surroundings {
  private readonly known = signal<Conditions>({ ...now(), isOnBattery: null });
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor() {
    if (typeof document === 'undefined') return;
    document.addEventListener('visibilitychange', () => this.look());
    void this.watchBattery();
  }

  get conditions(): ReadonlySignal<Conditions> {
    return this.known;
  }

  /** Looks at the clock now and, while it is followed, at the beginning of every minute. */
  follow(isFollowed: boolean): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.look();
    if (isFollowed) this.timer = setTimeout(() => this.follow(true), MINUTE_MS - (Date.now() % MINUTE_MS));
  }

  private look(): void {
    this.set(now());
  }

  private async watchBattery(): Promise<void> {
    try {
      const battery = await (navigator as WithBattery).getBattery?.();
      if (!battery) return;
      const look = () => this.set({ isOnBattery: !battery.charging });
      battery.addEventListener('chargingchange', look);
      look();
    } catch {
      // Some browsers have it and refuse to tell.
    }
  }

  private set(change: Partial<Conditions>): void {
    const before = this.known.peek();
    const after = { ...before, ...change };
    const isSame = (Object.keys(after) as (keyof Conditions)[]).every((key) => after[key] === before[key]);
    if (!isSame) this.known.value = after;
  }
}

function now(): Omit<Conditions, 'isOnBattery'> {
  const date = new Date();
  return {
    minuteOfDay: 60 * date.getHours() + date.getMinutes(),
    isHidden: typeof document !== 'undefined' && document.visibilityState === 'hidden',
  };
}

/** Keeps the screen on while that is wanted and the page is seen; a browser that refuses just lets it go dark. */
export class WakeLock {
  private isWanted = false;
  private held: WakeLockSentinel | null = null;
  private isAsking = false;

  constructor() {
    // The browser takes it back whenever the page is hidden.
    if (typeof document !== 'undefined') document.addEventListener('visibilitychange', () => this.settle());
  }

  want(isWanted: boolean): void {
    if (isWanted === this.isWanted) return;
    this.isWanted = isWanted;
    void this.settle();
  }

  private async settle(): Promise<void> {
    if (this.isAsking || typeof navigator === 'undefined' || !navigator.wakeLock) return;
    const isMeant = this.isWanted && document.visibilityState === 'visible';
    if (isMeant === (this.held !== null && !this.held.released)) return;
    this.isAsking = true;
    try {
      if (isMeant) this.held = await navigator.wakeLock.request('screen');
      else await this.held?.release();
    } catch {
      this.isAsking = false;
      return;
    }
    this.isAsking = false;
    // What is wanted may have changed meanwhile.
    await this.settle();
  }
}
