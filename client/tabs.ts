// The tabs of one browser: one of them trains at most. A lock says which one does; a channel says that this changed.

import { TABS_CHANNEL, type TabsMessage, TRAINING_LOCK } from './training-lock.ts';

export interface TabsOptions {
  /** Whether another tab trains. */
  onElsewhere: (isElsewhere: boolean) => void;
  /** Another tab asks this one to stop. */
  onYield: () => void;
  /** Whether this tab trains: then the lock is its own. */
  isOwn: () => boolean;
}

/** A tab that stops has five seconds to hand its unit back. */
const YIELD_MS = 10_000;
/** A worker that was ended gives its lock up at once, or nearly. */
const ENDED_MS = 1000;

export class Tabs {
  private readonly options: TabsOptions;
  private readonly channel: BroadcastChannel | null;
  private isWaiting = false;

  constructor(options: TabsOptions) {
    this.options = options;
    this.channel =
      locks() && typeof BroadcastChannel !== 'undefined' ? new BroadcastChannel(TABS_CHANNEL) : null;
    if (!this.channel) return;
    this.channel.onmessage = ({ data }: MessageEvent<TabsMessage>) => {
      if (data === 'yield') options.onYield();
      else void this.look();
    };
    // A tab that crashed says nothing.
    if (typeof document !== 'undefined')
      document.addEventListener('visibilitychange', () => void this.look());
    void this.look();
  }

  /** Asks the tab that trains to stop, and waits until none does. False where that took too long. */
  async takeOver(): Promise<boolean> {
    this.channel?.postMessage('yield' satisfies TabsMessage);
    return this.free(YIELD_MS);
  }

  /** This tab trains no more. Its lock may be held a moment longer: that is no other tab. */
  async ended(): Promise<void> {
    await this.free(ENDED_MS);
    await this.look();
  }

  /** Looks whether another tab trains, and if so waits in the background until none does. */
  async look(): Promise<void> {
    const isElsewhere = !this.options.isOwn() && (await isHeld()) && !this.options.isOwn();
    this.options.onElsewhere(isElsewhere);
    if (!isElsewhere || this.isWaiting) return;
    this.isWaiting = true;
    await this.free(null);
    this.isWaiting = false;
    await this.look();
  }

  /** Waits until no tab trains. False where that took longer than `ms`; null waits for ever. */
  private async free(ms: number | null): Promise<boolean> {
    // Shared: tabs that only wait are not in each other's way.
    const options = { mode: 'shared', ...(ms !== null && { signal: AbortSignal.timeout(ms) }) } as const;
    const request = locks()?.request(TRAINING_LOCK, options, () => undefined);
    return (request ?? Promise.resolve()).then(
      () => true,
      () => false,
    );
  }
}

const locks = (): LockManager | null => (typeof navigator === 'undefined' ? null : (navigator.locks ?? null));

async function isHeld(): Promise<boolean> {
  const { held = [] } =
    (await locks()
      ?.query()
      .catch(() => ({ held: [] }))) ?? {};
  return held.some(({ name, mode }) => name === TRAINING_LOCK && mode === 'exclusive');
}
