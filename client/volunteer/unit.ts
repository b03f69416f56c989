// One leased unit: get what its runs go on from, train them, and put what comes out into the deliveries.

import { base64 } from '../../shared/bytes.ts';
import { encodeCurve } from '../../shared/curve.ts';
import type { Engine } from '../../shared/engine/engine.ts';
import { runCost } from '../../shared/spec/cost.ts';
import { publishedBy } from '../../shared/spec/parents.ts';
import type { RunConfig } from '../../shared/spec/schema.ts';
import type { Run, Sweep } from '../../shared/spec/sweep.ts';
import { timelineOf } from '../../shared/spec/timeline.ts';
import type { FinishedRun, Lease, LeasedRun } from '../../shared/work.ts';
import type { EngineInUse } from '../engine/choose.ts';
import type { FromWorker } from '../engine/messages.ts';
import type { Control } from './control.ts';
import type { DatasetShelf } from './datasets.ts';
import type { Deliveries } from './deliveries.ts';
import { digestOf } from './digest.ts';
import { DisputedState } from './group.ts';
import type { LocalRuns } from './local-runs.ts';
import type { Stamina } from './pace.ts';
import { type LeasedWork, prepareWork, UnusableState } from './prepare.ts';
import type { Pulse } from './pulse.ts';
import type { WorkServer } from './server.ts';
import type { Throttle } from './throttle.ts';
import { groupOf, partOf, summaryOf } from './told.ts';
import { type TrainedSegment, trainRuns } from './train.ts';
import { viewOf } from './view.ts';

export interface UnitOptions {
  server: WorkServer;
  deliveries: Deliveries;
  local: LocalRuns;
  datasets: DatasetShelf;
  control: Control;
  throttle?: Throttle;
  stamina: Stamina;
  chosen: (config?: RunConfig) => EngineInUse;
  report: (message: FromWorker) => void;
  pulse: Pulse;
  onBegin: () => void;
  /** Told how many runs have come out; false ends the unit. */
  onDone: (runs: number) => Promise<boolean>;
  /** The speed of all runs of a group together; `isFull` where it had no room for more. */
  onSpeed: (flopsPerSecond: number, isFull: boolean) => void;
}

/**
 * Trains runs of a lease. Throws UnusableState where one is not what it should go on from, UnusableDataset, and what engines
 * throw.
 */
export async function trainUnit(
  sweep: Sweep,
  lease: Lease,
  indices: readonly LeasedRun[],
  options: UnitOptions,
): Promise<void> {
  const work = await prepareWork(sweep, lease, indices, options);
  if (!work) return;
  const { sweepId, unit, sweepRuns } = lease;
  const runs = work.map(({ leased }) => leased.run);
  const from = work.map(({ leased, plan }) => plan.resume?.state.step ?? leased.from);
  options.report({ type: 'unit', sweepId, title: sweep.spec.title, unit, runs, from, sweepRuns });
  await new UnitInHand(sweep, lease, work, options).train();
}

/** Between two words on where the runs stand. */
const STEP_TOLD_MS = 250;

class UnitInHand {
  private readonly sweep: Sweep;
  private readonly lease: Lease;
  private readonly work: readonly LeasedWork[];
  private readonly options: UnitOptions;
  private toldMs = 0;

  constructor(sweep: Sweep, lease: Lease, work: readonly LeasedWork[], options: UnitOptions) {
    this.sweep = sweep;
    this.lease = lease;
    this.work = work;
    this.options = options;
  }

  async train(): Promise<void> {
    try {
      for await (const { engine, runs } of this.training()) {
        this.noteSpeed(runs);
        for (const one of runs) await this.deliver(one, engine);
        this.tell(runs);
        if (!(await this.options.onDone(runs.length))) return;
      }
    } catch (error) {
      if (!(error instanceof DisputedState)) throw error;
      throw new UnusableState(this.at(error.index).leased.run, error.message);
    }
  }

  private training() {
    const { control, throttle, stamina, chosen, report, pulse, local, onBegin } = this.options;
    const { sweep, lease, work } = this;
    let current = chosen();
    return trainRuns({
      ...{ control, stamina, ...(throttle && { throttle }) },
      chosen: (config) => {
        current = chosen(config);
        return current;
      },
      trainings: work.map(({ run: { config, seed }, datasets, parents }) => ({
        config,
        seed,
        datasets,
        parents,
      })),
      publishes: (place) => publishedBy(sweep, this.at(place).run.index),
      plans: work.map(({ plan }) => plan),
      onGroup: (places, begun) => {
        const group = places.map((i) => this.at(i));
        pulse.begin(group.map(({ leased }) => leased.run));
        report({ type: 'group', ...groupOf(sweep, lease, { ...begun, work: group }, current) });
        onBegin();
      },
      onPoints: (points, msPerStep) => {
        pulse.notePoints(points);
        if (points.length > 0) report({ type: 'points', points, msPerStep });
      },
      onStep: (step, msPerStep) => {
        pulse.noteStep(step);
        this.tellStep(step, msPerStep);
      },
      onMishap: (words, kind) => report({ type: 'problem', words, fatal: false, code: null, kind }),
      keep: async (saved) => {
        for (const one of saved) await local.save(lease, this.at(one.index).leased, one);
      },
      onLook: async (session, [first]) => {
        if (!first) return;
        const { sweepId } = lease;
        const place = { sweepId, run: this.at(first.index).run.index };
        report({ type: 'view', view: await viewOf(session, 0, first.training, place) });
      },
    });
  }

  private async deliver(trained: TrainedSegment, { name, version }: Engine): Promise<void> {
    const { sweepId, unit } = this.lease;
    const { curve, weightsDigest, elapsedMs, from, to, start, end, state } = trained;
    const digests: Record<string, string> = {};
    const snapshots = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const [snapshot, bytes] of trained.snapshots ?? []) {
      const digest = await digestOf(bytes);
      digests[snapshot] = digest;
      snapshots.set(digest, bytes);
    }
    const result: FinishedRun = {
      ...{ sweepId, unit, run: this.at(trained.index).run.index, from, to },
      curve: base64(encodeCurve(curve)),
      ...{ start, end, weightsDigest, elapsedMs },
      checkpoint: state && (await digestOf(state)),
      ...{ engine: name, engineVersion: version },
      ...(snapshots.size > 0 && { snapshots: digests }),
    };
    await this.options.deliveries.add(result, state, snapshots);
  }

  private tellStep(step: number, msPerStep: number): void {
    const nowMs = performance.now();
    if (nowMs - this.toldMs < STEP_TOLD_MS) return;
    this.toldMs = nowMs;
    this.options.report({ type: 'step', step, msPerStep });
  }

  private tell(trained: readonly TrainedSegment[]): void {
    const { report } = this.options;
    const { sweepId } = this.lease;
    const whole = trained.filter(({ state }) => state === null);
    const parts = trained.filter(({ state }) => state !== null);
    const { sweep } = this;
    if (whole.length > 0) {
      const runs = whole.map((one) => summaryOf(sweep, this.at(one.index).run, one));
      report({ type: 'trained', sweepId, runs });
    }
    if (parts.length > 0) {
      const runs = parts.map((one) => partOf(sweep, this.at(one.index).run, one));
      report({ type: 'handed-over', sweepId, runs });
    }
  }

  /** A run cut short tells nothing. */
  private noteSpeed(trained: readonly TrainedSegment[]): void {
    const { onSpeed, chosen } = this.options;
    // What was cut short, or only held, tells nothing.
    const isWhole = ({ curve, from, to }: TrainedSegment) =>
      curve.divergedAt === null && !curve.stops?.some((stop) => stop !== null && stop <= to && stop >= from);
    const steady = trained.filter(isWhole);
    if (steady.length === 0) return;
    const flops = steady.reduce((sum, one) => sum + this.flopsOf(this.at(one.index).run, one), 0);
    const ms = steady.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
    onSpeed(flops / Math.max(1e-3, ms / 1000), trained.length >= chosen().replicas);
  }

  private flopsOf({ config }: Run, { from, to }: TrainedSegment): number {
    return (runCost(config).flops * (to - from)) / timelineOf(config).lastStep;
  }

  private at(place: number): LeasedWork {
    return this.work[place] as LeasedWork;
  }
}
