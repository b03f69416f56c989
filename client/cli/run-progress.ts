import { flopsWords } from '../../shared/engine/describe.ts';
import type { GroupPoint } from '../engine/messages.ts';

const BAR_WIDTH = 24;
const REDRAW_MS = 100;

/** Says on a terminal how far the runs are: a bar that redraws itself, and lines above it. */
export class RunProgress {
  /** Runs finished so far. */
  done = 0;
  private readonly out: NodeJS.WriteStream;
  private readonly runs: number;
  private group: { labels: string[]; steps: number } | null = null;
  private bar = '';
  private drawnAtMs = 0;

  constructor(out: NodeJS.WriteStream, runs: number) {
    this.out = out;
    this.runs = runs;
  }

  begin(labels: string[], steps: number): void {
    this.group = { labels, steps };
  }

  points(points: readonly GroupPoint[], msPerStep: number, flopsPerStep: number): void {
    const last = points.at(-1);
    if (!last || !this.group || performance.now() - this.drawnAtMs < REDRAW_MS) return;
    const { labels, steps } = this.group;
    const full = Math.round((BAR_WIDTH * last.step) / steps);
    const accuracies = last.of.flatMap((evaluation) => (evaluation ? [100 * evaluation.testAccuracy] : []));
    const worst = Math.min(...accuracies).toFixed(0);
    const best = Math.max(...accuracies).toFixed(0);
    const test =
      accuracies.length === 0 ? 'diverged' : `test ${worst === best ? worst : `${worst}-${best}`} %`;
    const speed =
      msPerStep > 0 ? `${(1000 / msPerStep).toFixed(0)} steps/s, ${rate(flopsPerStep, msPerStep)}` : '';
    this.bar = [
      `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}] ${this.done} of ${this.runs} runs done`,
      labels.length === 1 ? labels[0] : `${labels.length} at once`,
      `step ${last.step}/${steps}`,
      test,
      speed,
    ].join('  ');
    this.draw();
  }

  finished(runs: number): void {
    this.done += runs;
    if (!this.out.isTTY) this.say(`${this.done} of ${this.runs} runs done`);
  }

  /** Prints a line above the bar. */
  say(words: string): void {
    this.clear();
    this.out.write(`${words}\n`);
    this.draw();
  }

  /** Takes the bar away; lines stay. */
  end(): void {
    this.bar = '';
    this.clear();
  }

  private draw(): void {
    if (!this.out.isTTY || this.bar === '') return;
    this.drawnAtMs = performance.now();
    this.clear();
    this.out.write(this.bar.slice(0, (this.out.columns ?? 80) - 1));
  }

  private clear(): void {
    if (this.out.isTTY) this.out.write('\r\x1b[K');
  }
}

const rate = (flopsPerStep: number, msPerStep: number) =>
  `${flopsWords((1000 * flopsPerStep) / msPerStep)}/s`;
