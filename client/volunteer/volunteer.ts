// The volunteer: acquire a unit, train its runs, submit them, again. No DOM, so a tab's Web Worker and a terminal
// run the same loop. A finished run is delivered until the server has given its verdict.

import { base64 } from '../../shared/bytes.ts';
import { encodeCurve } from '../../shared/curve.ts';
import type { Engine } from '../../shared/engine/engine.ts';
import { milestones } from '../../shared/measures/milestones.ts';
import type { ExchangeReply, FinishedRun, HeldUnit, Lease } from '../../shared/protocol.ts';
import { runCost } from '../../shared/spec/cost.ts';
import { cellValues, type Run, readSweep, runAt, type Sweep } from '../../shared/spec/sweep.ts';
import { cellWords } from '../../shared/spec/words.ts';
import type { CurvePoint, FromWorker, Phase } from '../engine/messages.ts';
import { ApiError } from '../http.ts';
import type { Control } from './control.ts';
import type { Deliveries } from './deliveries.ts';
import type { HandBack, WorkServer } from './server.ts';
import { trainRun } from './train.ts';

export interface VolunteerOptions {
  server: WorkServer;
  /** Outlives the volunteer: what one engine finished is delivered while the next one works. */
  deliveries: Deliveries;
  engine: Engine;
  /** Floating-point operations per second the engine reached in the benchmark. */
  flopsPerSecond: number;
  /** A sweep to prefer, or null for whatever is needed. */
  prefers: string | null;
  /** Stop once no sweep lacks a result. */
  untilDone: boolean;
  control: Control;
  report: (message: FromWorker) => void;
}

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
        else if (reply) await this.rest(reply);
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

  private async rest({ allDone, askAgainMs }: ExchangeReply): Promise<void> {
    const words = allDone
      ? 'Every run of every sweep is finished'
      : 'There is no unit for this device right now';
    this.phase('waiting', `${words}; asking again soon`);
    await this.options.control.sleep(askAgainMs);
  }

  /** Trains the runs of a lease, delivering each as it is done. */
  private async unit(lease: Lease): Promise<void> {
    const { control, report } = this.options;
    const checked = readSweep(lease.spec);
    // What the server hands out is checked like what a stranger posts: this machine runs nothing over the limits.
    if (!checked.ok)
      throw new ApiError(`The server sent a sweep that breaks the rules: ${checked.problems[0]?.field}`, 400);
    const sweep = checked.value;
    const { sweepId, unit, runs, sweepRuns } = lease;
    this.held = { sweepId, unit };
    report({ type: 'unit', sweepId, title: sweep.spec.title, unit, runs, sweepRuns });
    const pulse = this.startHeartbeat(lease);
    try {
      for (const [i, index] of runs.entries()) {
        const finished = await this.run(sweep, lease, runAt(sweep, index));
        if (!finished) break;
        this.options.deliveries.add(finished);
        const last = i === runs.length - 1;
        // The last delivery travels with the next request for a unit.
        if (last && !control.ending) break;
        await this.exchange(false);
        if (control.ending || pulse.lost) break;
      }
    } finally {
      pulse.end();
    }
    if (control.ending) return;
    this.held = null;
  }

  private async run(sweep: Sweep, lease: Lease, run: Run): Promise<FinishedRun | null> {
    const { control, engine, report } = this.options;
    const { index, cell, seed, config } = run;
    const label = cellWords(
      sweep.axes.map(({ path }) => path),
      cellValues(sweep, cell),
    );
    const steps = config.train.steps;
    const { sweepId, unit } = lease;
    const { title } = sweep.spec;
    report({
      type: 'run',
      sweepId,
      title,
      run: index,
      sweepRuns: sweep.runs,
      cell,
      seed,
      label,
      steps,
      threshold: config.threshold,
    });
    this.phase('training', `Training run ${index}: ${label}, seed ${seed}`);
    const onPoint = (point: CurvePoint, msPerStep: number) =>
      report({ type: 'point', run: index, msPerStep, ...point });
    const trained = await trainRun({ engine, training: { config, seed }, control, onPoint });
    if (!trained) return null;
    const { curve, weightsDigest, elapsedMs } = trained;
    const { tMem, tGen, divergedAt } = milestones(curve, config.threshold);
    // A run that diverged was cut short, and says nothing of the speed of a whole one.
    if (divergedAt === null) {
      this.flopsPerSecond = runCost(config).flops / Math.max(1e-3, elapsedMs / 1000);
    }
    const reached = { tMem, tGen, divergedAt };
    report({ type: 'finished', sweepId, run: index, verdict: 'queued', message: null, ...reached });
    const { name, version } = engine;
    return {
      sweepId,
      unit,
      run: index,
      curve: base64(encodeCurve(curve)),
      engine: name,
      engineVersion: version,
      elapsedMs,
      weightsDigest,
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

/** Fit for the server: one line of at most 200 characters. */
function plain(reason: string): string {
  const line = reason.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return [...line].slice(0, 200).join('') || 'no reason was given';
}
