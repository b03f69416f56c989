// A device that speaks to dispatchers themselves, without HTTP in between.

import { curveUpTo, decodeCurve, encodeCurve } from '../../shared/curve.ts';
import { encodeCheckpoint, tensorLengths } from '../../shared/engine/checkpoint.ts';
import { modelGraph } from '../../shared/models/index.ts';
import { encodeRunState } from '../../shared/run-state.ts';
import { runAt, type Sweep, sweepOf } from '../../shared/spec/sweep.ts';
import { plainTimeline } from '../../shared/spec/timeline.ts';
import { taskSize } from '../../shared/tasks/index.ts';
import type { Lease } from '../../shared/work.ts';
import { sha256 } from '../../worker/digest.ts';
import type { Device, Exchanged } from '../../worker/dispatcher/desk.ts';
import type { Exchange } from '../../worker/dispatcher/object.ts';
import type { Ask } from '../../worker/dispatcher/size.ts';
import { states } from '../../worker/store/addressed.ts';
import { insertSweep } from '../../worker/store/sweeps.ts';
import { at, objectAt, type Where } from './inside.ts';
import { curveOf, env, researcher, tinySpec } from './world.ts';

export type Result = Exchange['results'][number];

/** Takes all runs it is given whole. */
export const WHOLE: Ask = { flopsPerSecond: 1e15, replicas: 64, continues: true };
/** Takes one run at a time, a step at a time. */
export const SLOW: Ask = { flopsPerSecond: 0, replicas: 1, continues: true };

export interface Given {
  id: string;
  sweep: Sweep;
}

/** A sweep in D1, as a researcher would have posted it. */
export async function givenSweep(name: string, more: object = {}, stripes = 1): Promise<Given> {
  await researcher();
  const researcherId = await env.DB.prepare('SELECT id FROM researchers LIMIT 1').first<string>('id');
  const sweep = sweepOf(tinySpec(name, more));
  const id = `${name}-00000000`;
  const { runs, cells } = sweep;
  await insertSweep(env.DB, {
    ...{ id, name, title: name, description: null, spec: JSON.stringify(sweep.spec), specDigest: id },
    ...{
      researcherId: researcherId ?? '',
      createdAtMs: 1,
      runs,
      cells,
      flops: 1,
      stripes,
      phenomenon: 'grokking',
    },
  });
  return { id, sweep };
}

/** A state of a run at a step, stored; its digest. */
export async function storedState(
  sweep: Sweep,
  run: number,
  step: number,
  curve: Uint8Array,
): Promise<string> {
  const { config } = runAt(sweep, run);
  const read = decodeCurve(curve, plainTimeline(config.train.steps), step);
  if (!read.ok) throw new Error(read.wrong);
  const lengths = tensorLengths(modelGraph(config.model, taskSize(config.task)), config.optimizer);
  const tensors = lengths.map((length) => new Float32Array(length).fill(run + step / 1000));
  const bytes = encodeRunState({ step, curve: read.curve, checkpoint: encodeCheckpoint({ step, tensors }) });
  const digest = await sha256(bytes);
  await states.put(env.BLOBS, digest, bytes);
  return digest;
}

const END = [1, 1, 1, 1];

export class Hand {
  readonly volunteerId: string;
  readonly deviceId: string;

  constructor(volunteer: number | string, device: number | string = 0) {
    this.volunteerId = typeof volunteer === 'string' ? volunteer : String(volunteer).padStart(32, '0');
    this.deviceId = typeof device === 'string' ? device : String(device).padStart(32, '0');
  }

  get device(): Device {
    const { volunteerId, deviceId } = this;
    return { volunteerId, deviceId };
  }

  async exchange(where: Where, results: Result[], wants: Ask | null): Promise<Exchanged> {
    const reply = await objectAt(where).exchange(at(where), { ...this.device, results, wants });
    if (reply === null || reply === 'busy') throw new Error(`the exchange was answered ${reply}`);
    return reply as Exchanged;
  }

  async lease(where: Where, wants = WHOLE): Promise<Lease> {
    const { lease } = await this.exchange(where, [], wants);
    if (!lease) throw new Error('no unit was leased');
    return lease;
  }

  async deliver(where: Where, ...results: Result[]) {
    return (await this.exchange(where, results, null)).verdicts;
  }

  heartbeat(where: Where, unit: number, progress: number, runs: Lease['runs'] = []) {
    const points = [[0, 1, 1, 1, 1]];
    const report = {
      unit,
      progress,
      runs: runs.map(({ run, from }) => ({ run, step: from + progress, points })),
    };
    return objectAt(where).heartbeat(at(where), this.device, report);
  }

  handBack(where: Where, unit: number, why: 'left' | 'fault' | 'disputed', run: number | null = null) {
    return objectAt(where).handBack(at(where), this.device, unit, { why, run, reason: `it was ${why}` });
  }

  /** Finishes every run of a stripe. */
  async finish(where: Where, curve: (run: number) => Uint8Array = () => curveOf()): Promise<void> {
    let results: Result[] = [];
    for (;;) {
      const { lease } = await this.exchange(where, results, WHOLE);
      if (!lease) return;
      results = lease.runs.map(({ run, from }) => whole(lease, run, { curve: curve(run), from }));
    }
  }
}

/** A run from where it stands to its last step. */
export function whole(
  { unit }: Pick<Lease, 'unit'>,
  run: number,
  { curve = curveOf(), from = 0, to = 40 }: { curve?: Uint8Array; from?: number; to?: number } = {},
): Result {
  return {
    ...{ unit, run, from, to, curve, start: from > 0 ? END : null, end: null, checkpoint: null },
    ...{ engine: 'test', engineVersion: '1', elapsedMs: 12.5, weightsDigest: 'ab'.repeat(32) },
  };
}

/** Steps `from` .. `to` of a run, its state stored. */
export async function segment(
  { sweep }: Given,
  lease: Pick<Lease, 'unit'>,
  {
    run,
    from,
    to,
    curve = curveOf(),
    steps = 40,
  }: { run: number; from: number; to: number; curve?: Uint8Array; steps?: number },
): Promise<Result> {
  const read = decodeCurve(curve, plainTimeline(steps));
  if (!read.ok) throw new Error(read.wrong);
  const soFar = encodeCurve(curveUpTo(read.curve, to));
  const checkpoint = await storedState(sweep, run, to, soFar);
  return { ...whole(lease, run, { curve: soFar, from, to }), end: END, checkpoint };
}
