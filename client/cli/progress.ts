import type {
  Busy,
  DeliveredRun,
  EngineChoice,
  FromWorker,
  GroupInHand,
  GroupPoint,
  HandedOver,
  TrainedSummary,
} from '../engine/messages.ts';
import { ceilingOf, shareOf } from '../engine/roofline.ts';
import { amount, choiceWords, flops, groupWords, milliseconds, percent, runsWords } from '../format.ts';
import { presentOf } from '../live-part.ts';
import { barOf } from './bar.ts';

/** How long the time was watched before a line says how much of it was computed in, and how seldom one does. */
const BUSY_OVER_MS = 10_000;
const BUSY_EVERY_MS = 600_000;

/** Tells on a terminal what the volunteer does: finished runs as lines, the runs in hand as a bar below them. */
export class Progress {
  private line = '';
  private title = '';
  private group: GroupInHand | null = null;
  private last: GroupPoint | undefined;
  private parts = new Map<string, HandedOver>();
  private trained = new Map<string, TrainedSummary>();
  accepted = 0;
  acceptedParts = 0;
  private busy: Busy | null = null;
  private toldBusyMs = Number.NEGATIVE_INFINITY;
  private readonly out: NodeJS.WriteStream;
  /** Percent of the time that was asked for. */
  private readonly duty: number;

  constructor(out: NodeJS.WriteStream, duty = 100) {
    this.out = out;
    this.duty = duty;
  }

  /** What has come of it, at the end. */
  get summary(): string {
    const n = this.acceptedParts;
    const parts = n > 0 ? ` and ${n === 1 ? 'a part of one' : `parts of ${n}`}` : '';
    return `Done: ${this.accepted} runs${parts} accepted. Thank you.`;
  }

  readonly report = (message: FromWorker): void => {
    if (message.type === 'engine') {
      const { choice, isStored } = message;
      const when = new Date(choice.measuredAtMs).toISOString().slice(0, 10);
      const kept = isStored ? ` (measured on ${when}; --engine auto measures again)` : '';
      this.say(`Engine: ${choiceWords(choice)}${roofWords(choice)}${kept}`);
    } else if (message.type === 'unit' && message.title !== this.title) {
      this.title = message.title;
      this.say(`Sweep: ${message.title} (${message.sweepId})`);
    } else if (message.type === 'group') {
      this.group = message;
      this.last = message.points.at(-1);
    } else if (message.type === 'points') {
      this.last = message.points.at(-1) ?? this.last;
      this.bar(this.last?.step ?? 0, message.msPerStep);
    } else if (message.type === 'step') this.bar(message.step, message.msPerStep);
    else if (message.type === 'trained') {
      for (const run of message.runs) this.trained.set(`${message.sweepId}/${run.run}`, run);
    } else if (message.type === 'delivered') message.runs.forEach((run) => void this.delivered(run));
    else if (message.type === 'handed-over') {
      for (const run of message.runs) this.parts.set(`${message.sweepId}/${run.run}/${run.to}`, run);
    } else if (message.type === 'problem' || message.type === 'note') this.say(message.words);
    else if (message.type === 'phase' && message.phase === 'waiting') this.draw(message.words);
    else if (message.type === 'busy') this.measured(message);
  };

  /** Prints a line above the bar. */
  readonly say = (words: string): void => {
    this.clear();
    this.out.write(`${words}\n`);
    if (this.line) this.draw(this.line);
  };

  /** Takes the bar away; lines stay. */
  end(): void {
    this.line = '';
    this.clear();
  }

  private clear(): void {
    if (this.out.isTTY) this.out.write('\r\x1b[K');
  }

  /** In the bar; where there is none, a line now and then. */
  private measured(busy: Busy): void {
    this.busy = busy;
    const nowMs = performance.now();
    if (this.out.isTTY || busy.overMs < BUSY_OVER_MS || nowMs - this.toldBusyMs < BUSY_EVERY_MS) return;
    this.toldBusyMs = nowMs;
    const seconds = Math.round(busy.overMs / 1000);
    this.say(`Busy ${percent(busy.share)} of the last ${seconds} s (asked for: ${this.duty} %)`);
  }

  private delivered({ sweepId, run, to, isPart, verdict, message }: DeliveredRun): void {
    const key = `${sweepId}/${run}`;
    const known = isPart ? undefined : this.trained.get(key);
    if (!isPart) this.trained.delete(key);
    if (verdict === 'accepted') isPart ? this.acceptedParts++ : this.accepted++;
    const part = this.parts.get(`${key}/${to}`);
    this.parts.delete(`${key}/${to}`);
    if (part && verdict === 'accepted') return this.handedOver(part);
    const name = isPart ? `part of run ${run}` : `run ${run}`;
    const what = known ? `${known.label}, seed ${known.seed}: ${outcome(known)}` : name;
    this.say(`${verdict.padEnd(8)}  ${what}${message ? ` (${message})` : ''}`);
  }

  private handedOver({ label, seed, to, steps }: HandedOver): void {
    this.say(`so far    ${label}, seed ${seed}: step ${amount(to)} of ${amount(steps)}`);
  }

  private bar(step: number, msPerStep: number): void {
    const { group, last } = this;
    if (!group || !last) return;
    const { runs } = group;
    const now = presentOf(group, step);
    const bar = barOf(now.step, now.steps, this.out.columns ?? 80);
    const part = now.part ? `${now.part.name}, ` : '';
    const doing = now.part ? `  ${now.part.words}` : '';
    const alive = last.of.flatMap((evaluation) => (evaluation ? [evaluation.testAccuracy] : []));
    const mean = alive.reduce((sum, accuracy) => sum + accuracy, 0) / Math.max(1, alive.length);
    const test = `test ${(100 * mean).toFixed(0).padStart(3)} %`;
    const busy = this.busy ? `busy ${(100 * this.busy.share).toFixed(0)} %  ` : '';
    const speed = `${milliseconds(msPerStep)} ms per step and run`;
    this.draw(
      `${bar} ${part}step ${now.step}/${now.steps}  ${test}  ${busy}${speed}  ${runsWords(runs.length)}: ${groupWords(runs)}${doing}`,
    );
  }

  private draw(line: string): void {
    this.line = line;
    if (!this.out.isTTY) return;
    this.clear();
    this.out.write(line.slice(0, (this.out.columns ?? 80) - 1));
  }
}

const roofWords = ({ roof, msPerStep }: EngineChoice): string =>
  roof
    ? `; ${percent(shareOf(roof, msPerStep))} of its roofline for this network, ${flops(ceilingOf(roof).flopsPerSecond)} a second`
    : '';

function outcome({ tGen, divergedAt, steps }: TrainedSummary): string {
  if (divergedAt !== null) return `diverged at step ${divergedAt}`;
  return tGen === null ? `not generalised by step ${steps}` : `generalised at step ${tGen}`;
}
