import { GAP_MS } from './throttle.ts';

/** Time between two looks at what the volunteer wants. */
const CHUNK_MS = 150;
const GROWTH_MAX = 4;
const LOSSES_MAX = 3;
/** A laptop loses its device every time it sleeps: what is longer ago says nothing about what the device bears. */
const FORGIVEN_MS = 30 * 60_000;
/** A chunk that takes so many times what it should, and very long, says nothing: the machine slept meanwhile. */
const GAP_TIMES = 20;

/** How many steps fill a chunk of time, learned while training. */
export class Pace {
  elapsedMs = 0;
  /** Of all runs of a group together; 0 before the first chunk. */
  msPerStep = 0;
  /** Of the last chunk. */
  chunkTookMs = 0;
  /** Steps to train next. */
  chunk = 1;
  private readonly chunkMs: number;

  constructor(chunkMs: number) {
    this.chunkMs = chunkMs;
  }

  async time<T>(steps: number, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      const ms = this.awake(performance.now() - start, steps);
      this.elapsedMs += ms;
      this.chunkTookMs = ms;
      const latest = Math.max(1e-4, ms / steps);
      this.msPerStep = this.msPerStep === 0 ? latest : (this.msPerStep + latest) / 2;
      const fitting = Math.floor(this.chunkMs / this.msPerStep);
      this.chunk = Math.max(1, Math.min(fitting, GROWTH_MAX * steps));
    }
  }

  /** Without the time that the machine slept. */
  private awake(ms: number, steps: number): number {
    const expectedMs = steps * this.msPerStep;
    return expectedMs > 0 && ms > Math.max(GAP_MS, GAP_TIMES * expectedMs) ? expectedMs : ms;
  }
}

/** What a device has proved to bear, over all the work of one engine: less after a second loss in half an hour, nothing after a third. */
export class Stamina {
  chunkMs = CHUNK_MS;
  replicasMax = Number.POSITIVE_INFINITY;
  private losses: number[] = [];
  private readonly bearable = new Map<string, number>();

  /** After the device was lost with so many runs on it. Throws in plain words when that was once too often. */
  lost(replicas: number, reason: string, nowMs = Date.now()): void {
    this.losses = [...this.losses.filter((ms) => nowMs - ms < FORGIVEN_MS), nowMs];
    const { length: losses } = this.losses;
    if (losses >= LOSSES_MAX) throw new Error(`${reason} (${losses} times by now)`);
    this.chunkMs = losses === 1 ? CHUNK_MS : CHUNK_MS / 2;
    if (losses > 1) this.tooMany(replicas);
  }

  /** How many runs of a shape to train at once at most. */
  most(shape: string): number {
    return Math.min(this.replicasMax, this.bearable.get(shape) ?? this.replicasMax);
  }

  /** So many runs of a shape are that many times too slow at once. */
  tooSlow(shape: string, replicas: number, times: number): void {
    this.bearable.set(shape, Math.max(1, Math.floor(replicas / times)));
  }

  /** So many runs at once are too many. */
  tooMany(replicas: number): void {
    this.replicasMax = Math.max(1, Math.floor(replicas / 2));
  }
}
