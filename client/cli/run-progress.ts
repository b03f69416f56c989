import { flopsWords } from '../../shared/engine/describe.ts';
import type { GroupPoint } from '../engine/messages.ts';
import { duration } from '../format.ts';
import { barOf } from './bar.ts';

const REDRAW_MS = 100;
const TELL_MS = 15_000;

/** Says how far the runs are: on a terminal a bar that redraws itself, elsewhere a line from time to time. */
export class RunProgress {
  /** Runs finished so far. */
  done = 0;
  private readonly out: NodeJS.WriteStream;
  private readonly runs: number;
  private readonly startMs = performance.now();
  private readonly telling: NodeJS.Timeout | undefined;
  private label = '';
  /** The latest of the runs in hand; null before they have begun. */
  private now: { step: number; steps: number; test: string; speed: string; rate: string } | null = null;
  private bar = '';
  private drawnAtMs = Number.NEGATIVE_INFINITY;

  constructor(out: NodeJS.WriteStream, runs: number) {
    this.out = out;
    this.runs = runs;
    if (!out.isTTY) this.telling = setInterval(() => this.tell(), TELL_MS).unref();
  }

  /** Whether runs are being trained. */
  get hasBegun(): boolean {
    return this.now !== null;
  }

  begin(labels: string[], steps: number): void {
    this.label = labels.length === 1 ? (labels[0] as string) : `${labels.length} runs at once`;
    this.now = { step: 0, steps, test: '', speed: '', rate: '' };
  }

  points(points: readonly GroupPoint[], msPerStep: number, flopsPerStep: number): void {
    const last = points.at(-1);
    if (!last || !this.now) return;
    this.now = {
      ...this.now,
      step: last.step,
      test: testWords(last),
      ...speedWords(msPerStep, flopsPerStep),
    };
    if (!this.out.isTTY || performance.now() - this.drawnAtMs < REDRAW_MS) return;
    const { step, steps, test, speed, rate } = this.now;
    const bar = barOf(step, steps, this.columns);
    const facts = [`${bar} step ${step}/${steps}`, test, speed, this.doneWords, rate, this.label];
    this.bar = facts.filter(Boolean).join('  ');
    this.draw();
  }

  finished(runs: number): void {
    this.done += runs;
    if (!this.out.isTTY) this.say(this.doneWords);
  }

  /** Prints a line above the bar. */
  say(words: string): void {
    this.clear();
    this.out.write(`${words}\n`);
    this.draw();
  }

  /** Takes the bar away; lines stay. */
  end(): void {
    clearInterval(this.telling);
    this.bar = '';
    this.clear();
  }

  private tell(): void {
    if (!this.now) return;
    const { step, steps, test, speed } = this.now;
    const facts = [this.doneWords, `step ${step}/${steps}`, test, speed, this.label].filter(Boolean);
    this.say(`After ${duration(performance.now() - this.startMs)}: ${facts.join(', ')}`);
  }

  private get doneWords(): string {
    return `${this.done} of ${this.runs} runs done`;
  }

  private get columns(): number {
    return this.out.columns ?? 80;
  }

  private draw(): void {
    if (!this.out.isTTY || this.bar === '') return;
    this.drawnAtMs = performance.now();
    this.clear();
    this.out.write(this.bar.slice(0, this.columns - 1));
  }

  private clear(): void {
    if (this.out.isTTY) this.out.write('\r\x1b[K');
  }
}

/** Accuracies of the runs in hand that are still finite, the worst and the best. */
function testWords({ of }: GroupPoint): string {
  const accuracies = of.flatMap((evaluation) => (evaluation ? [100 * evaluation.testAccuracy] : []));
  if (accuracies.length === 0) return 'diverged';
  const [worst, best] = [Math.min(...accuracies).toFixed(0), Math.max(...accuracies).toFixed(0)];
  return `test ${worst === best ? worst : `${worst}-${best}`} %`;
}

/** Steps of all runs in hand together. */
function speedWords(msPerStep: number, flopsPerStep: number): { speed: string; rate: string } {
  if (msPerStep <= 0) return { speed: '', rate: '' };
  const stepsPerSecond = 1000 / msPerStep;
  const steps = stepsPerSecond >= 100 ? Math.round(stepsPerSecond) : Number(stepsPerSecond.toPrecision(2));
  return { speed: `${steps} steps/s`, rate: `${flopsWords(stepsPerSecond * flopsPerStep)}/s` };
}
