import { LIMITS } from '../../shared/limits.ts';

interface Seen {
  /** When the device last got or delivered something. */
  sinceMs: number;
  flopsPerSecond: number | null;
}

/** How much of the past a new observation leaves standing. */
const INERTIA = 0.5;

/** How fast devices were seen to deliver, by the server's clock. Lost with the object's memory, and learned again. */
export class Rates {
  private readonly seen = new Map<string, Seen>();

  leased(device: string, nowMs: number): void {
    const before = this.seen.get(device);
    this.seen.delete(device);
    this.seen.set(device, { flopsPerSecond: before?.flopsPerSecond ?? null, sinceMs: nowMs });
    for (const oldest of this.seen.keys()) {
      if (this.seen.size <= LIMITS.openUnitsPerSweepMax) break;
      this.seen.delete(oldest);
    }
  }

  /** So much work was accepted from a device now. */
  delivered(device: string, flops: number, nowMs: number): void {
    const before = this.seen.get(device);
    if (!before || nowMs <= before.sinceMs) return;
    const latest = (1000 * flops) / (nowMs - before.sinceMs);
    const { flopsPerSecond: known } = before;
    const flopsPerSecond = known === null ? latest : INERTIA * known + (1 - INERTIA) * latest;
    this.seen.set(device, { flopsPerSecond, sinceMs: nowMs });
  }

  /** Floating-point operations per second; null before the first delivery. */
  observed(device: string): number | null {
    return this.seen.get(device)?.flopsPerSecond ?? null;
  }
}
