import type { LiveRun } from '../../shared/work.ts';

/** A run in training, as far as its device has told. */
export interface Live {
  step: number;
  /** [step, training loss and accuracy, test loss and accuracy], ascending. */
  points: number[][];
  atMs: number;
}

const RUNS_MAX = 500;
const POINTS_MAX = 400;
/** What nobody has spoken of for so long is no longer shown. */
const SHOWN_MS = 120_000;

/** Points of runs that are not finished: for looking at only, bounded, and gone with the object's memory. */
export class LivePoints {
  private readonly runs = new Map<number, Live>();

  note(run: number, { step, points }: Pick<LiveRun, 'step' | 'points'>, nowMs: number): void {
    const known = this.runs.get(run)?.points ?? [];
    const first = points[0]?.[0] ?? Number.POSITIVE_INFINITY;
    // After a lost device some steps are trained again.
    const kept = known.filter((point) => (point[0] as number) < first);
    this.runs.delete(run);
    this.runs.set(run, { step, points: [...kept, ...points].slice(-POINTS_MAX), atMs: nowMs });
    if (this.runs.size <= RUNS_MAX) return;
    const [oldest] = this.runs.keys();
    if (oldest !== undefined) this.runs.delete(oldest);
  }

  forget(run: number): void {
    this.runs.delete(run);
  }

  of(run: number, nowMs: number): Live | null {
    const live = this.runs.get(run);
    return live && nowMs - live.atMs < SHOWN_MS ? live : null;
  }
}
