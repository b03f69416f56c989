// The duty cycle: a device computes for a share of the time because it sleeps between two submissions to it.

/** How much of the time was spent computing, over the last seconds of a clock that is told what happened. */
export class Meter {
  /** How far back it looks. */
  windowMs: number;
  private readonly spans: { ms: number; isBusy: boolean }[] = [];
  private totalMs = 0;
  private busyMs = 0;

  constructor(windowMs: number) {
    this.windowMs = windowMs;
  }

  add(ms: number, isBusy: boolean): void {
    if (!(ms > 0)) return;
    this.spans.push({ ms, isBusy });
    this.count(ms, isBusy);
    for (let [oldest] = this.spans; oldest && this.totalMs > this.windowMs; [oldest] = this.spans) {
      const excess = Math.min(oldest.ms, this.totalMs - this.windowMs);
      this.count(-excess, oldest.isBusy);
      oldest.ms -= excess;
      if (oldest.ms > 0) break;
      this.spans.shift();
    }
  }

  /** `share` from 0 to 1 of the last `overMs` milliseconds; 0 of 0 before anything was added. */
  get busy(): { share: number; overMs: number } {
    const { totalMs, busyMs } = this;
    // Differences of sums may leave a trace below 0 or above 1.
    const share = totalMs > 0 ? Math.min(1, Math.max(0, busyMs / totalMs)) : 0;
    return { share, overMs: totalMs };
  }

  private count(ms: number, isBusy: boolean): void {
    this.totalMs = Math.max(0, this.totalMs + ms);
    if (isBusy) this.busyMs = Math.max(0, this.busyMs + ms);
  }
}

/** What a throttle asks of whoever controls the work. */
export interface Governor {
  /** The share of the time to compute, over 0 to 1. */
  readonly duty: number;
  /** Whether nothing is to be waited for any more: it ends, or is paused. */
  readonly isInterrupted: boolean;
  /** Waits so long, or until something changes. */
  sleep(ms: number): Promise<void>;
  /** Says that the work goes on: a sleep by the duty cycle is no standstill. */
  turn(): void;
}

export interface ThrottleOptions {
  governor: Governor;
  /** Told about once a second while something is computed. */
  onBusy?: (busy: { share: number; overMs: number }) => void;
  nowMs?: () => number;
}

const WINDOW_MS = 20_000;
const TOLD_MS = 1000;
/** The longest sleep without a turn. */
const SLICE_MS = 250;
/** No timer is as short as less than this: it is owed. */
const LEAST_MS = 1;
/** Sleep that timers gave too much of counts for what is computed next, so much of it. */
const CREDIT_MS = 200;
/** Whatever takes longer, and so many times what was usual: the machine slept meanwhile, or the tab was frozen. */
export const GAP_MS = 10_000;
const GAP_TIMES = 4;
/** A share is measured over so many computations with their sleeps: where one takes long, over more than the window. */
const CYCLES = 3;
/** How much of the longest computation counts as usual after the next one. */
const FADING = 0.9;

/** Lets something be computed for the governor's share of the time, and measures how much of it that was. */
export class Throttle {
  private readonly options: Required<ThrottleOptions>;
  private readonly meter = new Meter(WINDOW_MS);
  private computedMs = 0;
  private sleptMs = 0;
  private seenMs: number;
  private toldMs = 0;
  /** How long a computation may be expected to take. */
  private usualMs = 0;

  constructor({ governor, onBusy = () => {}, nowMs = () => performance.now() }: ThrottleOptions) {
    this.options = { governor, onBusy, nowMs };
    this.seenMs = nowMs();
  }

  /** Does work that keeps the device busy from beginning to end. */
  async compute<T>(work: () => Promise<T>): Promise<T> {
    this.sleptMs += this.mark(false);
    try {
      return await work();
    } finally {
      const ms = this.mark(true);
      this.computedMs += ms;
      this.usualMs = Math.max(ms, FADING * this.usualMs);
    }
  }

  /** Sleeps for what has been computed since the last sleep; at once over when the governor interrupts or wants more. */
  async rest(): Promise<void> {
    const { governor } = this.options;
    // Whatever was waited for since, the network for one, was a sleep too.
    this.sleptMs += this.mark(false);
    while (!governor.isInterrupted && this.owedMs >= LEAST_MS) {
      await governor.sleep(Math.min(this.owedMs, SLICE_MS));
      this.sleptMs += this.mark(false);
      governor.turn();
    }
    const { owedMs } = this;
    const isOwed = owedMs > 0 && !governor.isInterrupted;
    this.computedMs = isOwed ? owedMs / this.sleepPerMs : 0;
    this.sleptMs = isOwed ? 0 : Math.min(CREDIT_MS, Math.max(0, -owedMs));
  }

  /** What passed since it last looked counts neither way: paused, or resting by a rule. */
  skip(): void {
    this.seenMs = this.options.nowMs();
  }

  private get sleepPerMs(): number {
    return 1 / this.options.governor.duty - 1;
  }

  private get owedMs(): number {
    return this.computedMs * this.sleepPerMs - this.sleptMs;
  }

  /** Counts the time since it last looked, and returns it; of a gap in which this program did not run, little or nothing. */
  private mark(isBusy: boolean): number {
    const { nowMs, onBusy, governor } = this.options;
    const now = nowMs();
    const passed = Math.max(0, now - this.seenMs);
    const most = Math.max(GAP_MS, GAP_TIMES * this.usualMs);
    const ms = isBusy ? Math.min(passed, most) : passed <= GAP_MS ? passed : 0;
    this.seenMs = now;
    this.meter.windowMs = Math.max(WINDOW_MS, (CYCLES * this.usualMs) / governor.duty);
    this.meter.add(ms, isBusy);
    if (Math.abs(now - this.toldMs) >= TOLD_MS) {
      this.toldMs = now;
      onBusy(this.meter.busy);
    }
    return ms;
  }
}
