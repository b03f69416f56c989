import type { Evaluation } from '../../shared/engine/engine.ts';
import { LIMITS } from '../../shared/limits.ts';
import type { HeldUnit, LiveRun } from '../../shared/work.ts';
import type { GroupPoint } from '../engine/messages.ts';
import { ApiError } from '../http.ts';
import type { Control } from './control.ts';
import { fourNumbers } from './record.ts';
import type { WorkServer } from './server.ts';

/** Of all runs together, so that no heartbeat is too large. */
const POINTS_MAX = 2048;

export interface PulseOptions {
  server: WorkServer;
  control: Control;
  heartbeatMs: number;
  /** The furthest step of every run of the unit; outlives the pulse where the unit goes on. */
  reached: Map<number, number>;
  /** The server no longer speaks this version. */
  onOutdated: (error: ApiError) => void;
}

/** Keeps a lease while work goes on, and tells how far it is. */
export class Pulse {
  /** The lease is over; what is finished is welcome all the same. */
  lost = false;
  private readonly held: HeldUnit;
  private readonly options: PulseOptions;
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly live = new Map<number, LiveRun>();
  private runs: readonly number[] = [];
  private turns: number;
  private isBeating = false;

  constructor(held: HeldUnit, options: PulseOptions) {
    this.held = held;
    this.options = options;
    this.turns = options.control.turns;
    this.timer = setInterval(() => void this.beat(), options.heartbeatMs);
  }

  /** These runs are in hand now, in this order. */
  begin(runs: readonly number[]): void {
    this.runs = runs;
    this.live.clear();
    for (const run of runs) this.live.set(run, { run, step: 0, points: [] });
  }

  /** They stand at a step. */
  noteStep(step: number): void {
    const { reached } = this.options;
    for (const live of this.live.values()) {
      live.step = step;
      reached.set(live.run, Math.max(step, reached.get(live.run) ?? 0));
    }
  }

  notePoints(points: readonly GroupPoint[]): void {
    for (const { step, of } of points)
      of.forEach((evaluation, i) => {
        const live = this.live.get(this.runs[i] as number);
        if (evaluation && live) live.points.push([step, ...digits(evaluation)]);
      });
  }

  end(): void {
    clearInterval(this.timer);
  }

  private async beat(): Promise<void> {
    const { server, control, onOutdated } = this.options;
    // A lease is for work that goes on: whoever pauses or hangs lets it run out.
    if (control.turns === this.turns || this.isBeating) return;
    this.turns = control.turns;
    this.isBeating = true;
    const most = Math.min(LIMITS.pointsPerHeartbeatMax, Math.floor(POINTS_MAX / Math.max(1, this.live.size)));
    const told = [...this.live.values()]
      .filter(({ step }) => step > 0)
      .map((live) => ({ ...live, points: live.points.slice(0, most) }));
    try {
      // Steps that are trained again, and segments and visits before this one, count once.
      const progress = [...this.options.reached.values()].reduce((sum, step) => sum + step, 0);
      const beat = { ...this.held, progress, runs: told };
      this.lost = !(await server.heartbeat(beat));
      for (const { run, points } of told) this.forget(run, points);
    } catch (error) {
      // One that does not get through is not worth a word: the next one or the delivery will. Its points are told again.
      if (error instanceof ApiError && error.code === 'version') onOutdated(error);
    } finally {
      this.isBeating = false;
    }
  }

  private forget(run: number, told: LiveRun['points']): void {
    const live = this.live.get(run);
    if (live) live.points = live.points.filter((point) => !told.includes(point));
  }
}

/** As many digits as are worth sending. */
const digits = (evaluation: Evaluation): number[] =>
  fourNumbers(evaluation).map((value) => Number(value.toPrecision(6)));
