// The volunteer: acquire a unit, train its runs, submit them, again. No DOM, so a tab's Web Worker and a terminal
// run the same loop. A finished run is delivered until the server has given its verdict.

import { base64 } from '../../shared/bytes.ts';
import { encodeCurve } from '../../shared/curve.ts';
import type { Engine } from '../../shared/engine/engine.ts';
import { LIMITS } from '../../shared/limits.ts';
import { milestones } from '../../shared/measures/milestones.ts';
import type { ExchangeReply, FinishedRun, HeldUnit, Lease } from '../../shared/protocol.ts';
import { runCost } from '../../shared/spec/cost.ts';
import { cellValues, type Run, readSweep, runAt, type Sweep } from '../../shared/spec/sweep.ts';
import { cellWords } from '../../shared/spec/words.ts';
import type { FromWorker, GroupInHand, Phase, TrainedSummary } from '../engine/messages.ts';
import { ApiError } from '../http.ts';
import type { Control } from './control.ts';
import type { Deliveries } from './deliveries.ts';
import type { Stamina } from './pace.ts';
import { plain } from './plain.ts';
import type { HandBack, WorkServer } from './server.ts';
import { type TrainedRun, trainRuns } from './train.ts';

export interface VolunteerOptions {
  server: WorkServer;
  /** Outlives the volunteer: what one engine finished is delivered while the next one works. */
  deliveries: Deliveries;
  /** The engine and how many runs it trains at once; asked again before every group. */
  chosen: () => { engine: Engine; replicas: number };
  stamina: Stamina;
  /** Floating-point operations per second the engine reached in the benchmark. */
  flopsPerSecond: number;
  /** A sweep to prefer, or null for whatever is needed. */
  prefers: string | null;
  /** Stop once no sweep lacks a result. */
  untilDone: boolean;
  control: Control;
  report: (message: FromWorker) => void;
}

/** A closed tab loses no more finished work than this. */
const DELIVER_EVERY_MS = 2000;
const NO_VERDICT_MS = 2000;
const ALL_DONE = 'Every run of every sweep is finished';
const NO_UNIT = 'There is no unit for this device right now';

/** Works until the volunteer stops it or, with `untilDone`, nothing is left. Throws what the engine throws. */
export async function volunteer(options: VolunteerOptions): Promise<void> {
  await new Volunteer(options).work();
}

class Volunteer {
  private readonly options: VolunteerOptions;
  private held: HeldUnit | null = null;
  private flopsPerSecond: number;

  constructor(options: VolunteerOptions) {
    this.options = options;
    this.flopsPerSecond = options.flopsPerSecond;
  }

  async work(): Promise<void> {
    const { control } = this.options;
    try {
      while (!control.ending && (await control.go())) {
        this.phase('asking', 'Asking for a unit of work');
        const reply = await this.exchange(true);
        if (reply?.lease) await this.unit(reply.lease);
        else if (reply?.allDone && this.options.untilDone) break;
        else if (reply) await this.rest(reply.allDone ? ALL_DONE : NO_UNIT, reply.askAgainMs);
      }
    } catch (error) {
      await this.handBack({ fault: true, reason: error instanceof Error ? error.message : String(error) });
      throw error;
    }
    if (this.options.deliveries.waiting > 0) this.phase('delivering', 'Delivering finished runs');
    await this.options.deliveries.flush(control);
    await this.handBack({ fault: false, reason: 'the volunteer stopped' });
    this.phase('stopped', 'Stopped');
  }

  private async rest(words: string, ms: number): Promise<void> {
    this.phase('waiting', `${words}; asking again soon`);
    await this.options.control.sleep(ms);
  }

  /** Trains the runs of a lease, delivering them as they are done. */
  private async unit(lease: Lease): Promise<void> {
    const { control, report, deliveries } = this.options;
    const checked = readSweep(lease.spec);
    // What the server hands out is checked like what a stranger posts: this machine runs nothing over the limits.
    if (!checked.ok)
      throw new ApiError(`The server sent a sweep that breaks the rules: ${checked.problems[0]?.field}`, 400);
    const { sweepId, unit, sweepRuns } = lease;
    // What waits for its verdict is not trained again.
    const indices = lease.runs.filter((run) => !deliveries.holds(sweepId, run));
    if (indices.length === 0) return this.rest('The server has not judged the last runs', NO_VERDICT_MS);
    const { title } = checked.value.spec;
    this.held = { sweepId, unit };
    report({ type: 'unit', sweepId, title, unit, runs: indices, sweepRuns });
    const pulse = this.startHeartbeat(lease);
    try {
      await this.train(checked.value, lease, indices, pulse);
    } finally {
      pulse.end();
    }
    if (control.ending) return;
    this.held = null;
  }

  private async train(
    sweep: Sweep,
    lease: Lease,
    indices: number[],
    pulse: { lost: boolean },
  ): Promise<void> {
    const { control, report, deliveries, stamina } = this.options;
    const runs = indices.map((index) => runAt(sweep, index));
    let current = this.options.chosen();
    const chosen = () => {
      current = this.options.chosen();
      return current;
    };
    const training = trainRuns({
      ...{ chosen, control, stamina },
      trainings: runs.map(({ config, seed }) => ({ config, seed })),
      onGroup: (places) => {
        const group = places.map((i) => runs[i] as Run);
        report({ type: 'group', ...groupOf(sweep, lease, group, current.engine) });
        this.phase('training', 'Training');
      },
      onPoints: (points, msPerStep) => report({ type: 'points', points, msPerStep }),
      onMishap: (words) => report({ type: 'problem', words, fatal: false, code: null }),
    });
    let left = runs.length;
    let deliveredMs = performance.now();
    for await (const { engine, runs: trained } of training) {
      this.noteSpeed(trained, runs);
      const finished = trained.map((one) => this.finished(lease, runs[one.index] as Run, one, engine));
      for (const run of finished) deliveries.add(run);
      report({
        type: 'trained',
        sweepId: lease.sweepId,
        runs: trained.map((one) => summary(sweep, runs[one.index] as Run, one)),
      });
      left -= trained.length;
      // The last delivery travels with the next request for a unit, or with the farewell.
      if (left === 0 || control.ending || pulse.lost) break;
      const isDue = performance.now() - deliveredMs >= DELIVER_EVERY_MS;
      if (!isDue && deliveries.waiting < LIMITS.resultsPerExchangeMax) continue;
      await this.exchange(false);
      deliveredMs = performance.now();
      this.phase('training', 'Training');
    }
  }

  /** A group with room for more runs tells only how slow the device may be; a run cut short tells nothing. */
  private noteSpeed(trained: readonly TrainedRun[], runs: readonly Run[]): void {
    const whole = trained.filter(({ curve }) => curve.divergedAt === null);
    if (whole.length === 0) return;
    const flops = whole.reduce((sum, { index }) => sum + runCost((runs[index] as Run).config).flops, 0);
    const ms = trained.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
    const measured = flops / Math.max(1e-3, ms / 1000);
    const isFull = trained.length >= this.options.chosen().replicas;
    this.flopsPerSecond = isFull ? measured : Math.max(measured, this.flopsPerSecond);
  }

  private finished(
    { sweepId, unit }: Lease,
    { index }: Run,
    trained: TrainedRun,
    engine: Engine,
  ): FinishedRun {
    const { curve, weightsDigest, elapsedMs } = trained;
    return {
      ...{ sweepId, unit, run: index, weightsDigest, elapsedMs },
      curve: base64(encodeCurve(curve)),
      engine: engine.name,
      engineVersion: engine.version,
    };
  }

  /** Exchanges with the server, waiting out what passes. Null when the network failed and another try is due. */
  private async exchange(wantsUnit: boolean): Promise<ExchangeReply | null> {
    const { control, prefers, deliveries } = this.options;
    if (deliveries.waiting > 0) this.phase('delivering', 'Delivering finished runs');
    try {
      const ask = { wantsUnit, holds: this.held, prefers, flopsPerSecond: this.flopsPerSecond };
      return await deliveries.exchange(ask);
    } catch (error) {
      const waitMs = deliveries.delayMs(error);
      // In the middle of a unit there is other work to do meanwhile.
      if (wantsUnit) await control.sleep(waitMs);
      return null;
    }
  }

  private startHeartbeat({ sweepId, unit, heartbeatMs }: Lease): { lost: boolean; end: () => void } {
    const { server, control } = this.options;
    const pulse = { lost: false, end: () => clearInterval(timer) };
    let turns = control.turns;
    const beat = async () => {
      // A lease is for work that goes on: whoever pauses or hangs lets it run out.
      if (control.turns === turns) return;
      turns = control.turns;
      // A heartbeat that does not get through is not worth a word: the next one or the delivery will.
      const alive = await server.heartbeat({ sweepId, unit }).catch(() => true);
      pulse.lost = !alive;
    };
    const timer = setInterval(beat, heartbeatMs);
    return pulse;
  }

  /** Without a hand-back, the lease runs out by itself. */
  private async handBack({ fault, reason }: HandBack): Promise<void> {
    const { held } = this;
    this.held = null;
    if (held)
      await this.options.server.handBack(held, { fault, reason: plain(reason) }).catch(() => undefined);
  }

  private phase(phase: Phase, words: string): void {
    this.options.report({ type: 'phase', phase, words });
  }
}

/** The runs of a group as they are shown. */
function groupOf(
  sweep: Sweep,
  { sweepId, sweepRuns }: Lease,
  runs: readonly Run[],
  { name, device }: Engine,
): GroupInHand {
  const { config } = runs[0] as Run;
  return {
    ...{ engine: name, device },
    ...{
      sweepId,
      sweepRuns,
      title: sweep.spec.title,
      steps: config.train.steps,
      threshold: config.threshold,
    },
    runs: runs.map(({ index, cell, seed }) => ({ run: index, cell, seed, label: labelOf(sweep, cell) })),
  };
}

function summary(sweep: Sweep, { index, cell, seed, config }: Run, { curve }: TrainedRun): TrainedSummary {
  const { tMem, tGen, divergedAt } = milestones(curve, config.threshold);
  const { steps } = config.train;
  return { run: index, seed, label: labelOf(sweep, cell), steps, tMem, tGen, divergedAt };
}

const labelOf = (sweep: Sweep, cell: number) =>
  cellWords(
    sweep.axes.map(({ path }) => path),
    cellValues(sweep, cell),
  );
