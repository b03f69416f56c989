import type { FromWorker } from '../engine/messages.ts';

const BAR_WIDTH = 24;

/** Tells on a terminal what the volunteer does: finished runs as lines, the run in hand as a bar below them. */
export class Progress {
  private readonly out: NodeJS.WriteStream;
  private line = '';
  private title = '';
  private run: Extract<FromWorker, { type: 'run' }> | null = null;
  private reached = new Map<number, string>();
  accepted = 0;

  constructor(out: NodeJS.WriteStream) {
    this.out = out;
  }

  readonly report = (message: FromWorker): void => {
    if (message.type === 'engine') {
      const each = message.choices.map(
        ({ name, msPerStep, problem }) => `${name} ${problem ?? `${msPerStep?.toFixed(2)} ms/step`}`,
      );
      this.say(`Engine: ${message.engine} (${each.join('; ')})`);
    } else if (message.type === 'unit' && message.title !== this.title) {
      this.title = message.title;
      this.say(`Sweep: ${message.title} (${message.sweepId})`);
    } else if (message.type === 'run') this.run = message;
    else if (message.type === 'point') this.bar(message);
    else if (message.type === 'finished') this.finished(message);
    else if (message.type === 'problem') this.say(message.words);
    else if (message.type === 'phase' && message.phase === 'waiting') this.draw(message.words);
  };

  /** Prints a line above the bar. */
  say(words: string): void {
    this.clear();
    this.out.write(`${words}\n`);
    if (this.line) this.draw(this.line);
  }

  /** Takes the bar away; lines stay. */
  end(): void {
    this.line = '';
    this.clear();
  }

  private clear(): void {
    if (this.out.isTTY) this.out.write('\r\x1b[K');
  }

  private finished({
    run,
    verdict,
    message,
    tGen,
    divergedAt,
  }: Extract<FromWorker, { type: 'finished' }>): void {
    if (verdict === 'queued') {
      const name = this.run ? `${this.run.label}, seed ${this.run.seed}` : `run ${run}`;
      this.reached.set(run, `${name}: ${outcome(tGen, divergedAt, this.run?.steps)}`);
      return;
    }
    if (verdict === 'accepted') this.accepted++;
    this.say(
      `${verdict.padEnd(8)}  ${this.reached.get(run) ?? `run ${run}`}${message ? ` (${message})` : ''}`,
    );
    this.reached.delete(run);
  }

  private bar({ step, testAccuracy, msPerStep }: Extract<FromWorker, { type: 'point' }>): void {
    if (!this.run) return;
    const { steps, label, seed, run } = this.run;
    const full = Math.round((BAR_WIDTH * step) / steps);
    const bar = '#'.repeat(full) + '.'.repeat(BAR_WIDTH - full);
    const test = `test ${(100 * testAccuracy).toFixed(0).padStart(3)} %`;
    this.draw(
      `[${bar}] run ${run} (${label}, seed ${seed})  step ${step}/${steps}  ${test}  ${msPerStep.toFixed(1)} ms/step`,
    );
  }

  private draw(line: string): void {
    this.line = line;
    if (!this.out.isTTY) return;
    this.clear();
    this.out.write(line.slice(0, (this.out.columns ?? 80) - 1));
  }
}

function outcome(tGen: number | null, divergedAt: number | null, steps: number | undefined): string {
  if (divergedAt !== null) return `diverged at step ${divergedAt}`;
  return tGen === null ? `not generalised by step ${steps}` : `generalised at step ${tGen}`;
}
