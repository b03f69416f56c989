import { hex } from '../../shared/bytes.ts';
import type { Curve } from '../../shared/curve.ts';
import { littleEndian } from '../../shared/engine/checkpoint.ts';
import {
  DeviceLost,
  type Engine,
  type Evaluation,
  type Session,
  type Training,
} from '../../shared/engine/engine.ts';
import { sha256 } from '../../shared/sha256.ts';
import { evaluationSteps } from '../../shared/spec/evaluation-grid.ts';
import { shapeOf } from '../../shared/spec/sweep.ts';
import type { GroupPoint } from '../engine/messages.ts';
import type { Control } from './control.ts';
import { Pace, type Stamina } from './pace.ts';
import { plain } from './plain.ts';
import { RunRecord } from './record.ts';

export interface TrainedRun {
  /** Its place among the trainings. */
  index: number;
  curve: Curve;
  /** SHA-256 of the final weights; of nothing where the run diverged, since it has none worth comparing. */
  weightsDigest: string;
  /** Its share of the time spent training and evaluating, pauses left out. */
  elapsedMs: number;
}

export interface TrainOptions {
  /** Asked before every group, so that a new choice takes effect there. */
  chosen: () => { engine: Engine; replicas: number };
  trainings: readonly Training[];
  control: Control;
  stamina: Stamina;
  /** Runs begin to be trained together, by their places; after a lost device, again. */
  onGroup: (indices: number[]) => void;
  /** `msPerStep` is per step and run. */
  onPoints: (points: GroupPoint[], msPerStep: number) => void;
  /** Something went wrong that was mended, in words. */
  onMishap: (words: string) => void;
}

export interface TrainedGroup {
  engine: Engine;
  runs: TrainedRun[];
}

/** A step of a group on a graphics card may take so long; told by the first steps. */
const STEP_MS_MAX = 100;
const JUDGED_STEPS = 10;
const CHECKPOINT_MS = 10_000;
/** Saving may take at most this share of the time, and this much memory. */
const CHECKPOINT_SHARE = 0.05;
const CHECKPOINT_BYTES_MAX = 256 * 1024 ** 2;

/**
 * Trains runs as replicas, as many of one shape at once as was chosen, and evaluates them on the grid. Yields each
 * group when it is done, and ends early when the volunteer stops. A lost device is prepared again and the group goes
 * on from its last checkpoint, a few times; then, and for every other failure of the engine, it throws.
 */
export async function* trainRuns(options: TrainOptions): AsyncGenerator<TrainedGroup> {
  const { chosen, control, stamina, onMishap } = options;
  const queue = options.trainings.map((training, i) => new RunRecord(i, training));
  while (queue.length > 0) {
    if (!(await control.go())) return;
    const { engine, replicas } = chosen();
    const shape = shapeOf((queue[0] as RunRecord).training.config);
    const group = take(queue, Math.min(replicas, stamina.most(shape)));
    let runs: TrainedRun[] | null = null;
    try {
      runs = await trainGroup(engine, group, options);
      if (!runs) return;
    } catch (error) {
      if (error instanceof DoesNotStart && group.length > 1) {
        stamina.tooMany(group.length);
        onMishap(
          `${group.length} runs at once do not start (${plain(error.message)}); trying ${stamina.replicasMax}`,
        );
      } else if (error instanceof TooSlow) {
        stamina.tooSlow(shape, group.length, error.stepMs / STEP_MS_MAX);
        onMishap(
          `A step of ${group.length} runs takes ${Math.round(error.stepMs)} ms; training ${stamina.most(shape)} at once`,
        );
      } else if (error instanceof DeviceLost) {
        stamina.lost(group.length, error.message);
        const step = group[0]?.checkpoint?.step ?? 0;
        onMishap(`Going on from step ${step}: ${error.message}`);
      } else throw error;
      queue.unshift(...group);
    }
    if (runs) yield { engine, runs };
  }
}

/** Takes runs off the queue that can be trained together: one program, and one step to go on from. */
function take(queue: RunRecord[], most: number): RunRecord[] {
  const key = ({ training: { config }, checkpoint }: RunRecord) =>
    `${shapeOf(config)} from ${checkpoint?.step ?? 0}`;
  const first = key(queue[0] as RunRecord);
  const group = queue.filter((record) => key(record) === first).slice(0, most);
  queue.splice(0, queue.length, ...queue.filter((record) => !group.includes(record)));
  return group;
}

class DoesNotStart extends Error {}

/** So many runs at once would keep the screen from being drawn. */
class TooSlow extends Error {
  readonly stepMs: number;

  constructor(stepMs: number) {
    super(`a step takes ${stepMs} ms`);
    this.stepMs = stepMs;
  }
}

async function prepared(engine: Engine, group: readonly RunRecord[]): Promise<Session> {
  try {
    return await engine.prepare(group.map(({ training }) => training));
  } catch (error) {
    if (error instanceof DeviceLost) throw error;
    throw new DoesNotStart(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Null when the volunteer stopped it. */
async function trainGroup(
  engine: Engine,
  group: readonly RunRecord[],
  options: TrainOptions,
): Promise<TrainedRun[] | null> {
  const { control, stamina, onGroup } = options;
  onGroup(group.map(({ index }) => index));
  const session = await prepared(engine, group);
  const pace = new Pace(stamina.chunkMs);
  try {
    const checkpoints = group.flatMap(({ checkpoint }) => (checkpoint ? [checkpoint.bytes] : []));
    if (checkpoints.length > 0) await session.restore(checkpoints);
    for (const record of group) record.rewind();
    const canShrink = engine.name === 'webgpu' && group.length > 1;
    if (!(await toTheEnd(session, group, { pace, canShrink }, options)) || control.stopped) return null;
    const digests: string[] = [];
    for (const [replica, { divergedAt }] of group.entries())
      digests.push(digest(divergedAt === null ? await session.weights(replica) : []));
    return group.map((record, i) => ({
      index: record.index,
      curve: record.curve(),
      weightsDigest: digests[i] as string,
      elapsedMs: record.elapsedMs + pace.elapsedMs / group.length,
    }));
  } finally {
    for (const record of group) record.elapsedMs += pace.elapsedMs / group.length;
    session.dispose();
  }
}

/**
 * Trains until the last step, or until nothing finite is left. False when the volunteer stopped it. Throws TooSlow where
 * the first steps show that fewer runs should share the graphics card with the screen.
 */
async function toTheEnd(
  session: Session,
  group: readonly RunRecord[],
  { pace, canShrink }: { pace: Pace; canShrink: boolean },
  { control, onPoints }: TrainOptions,
): Promise<boolean> {
  const last = (group[0] as RunRecord).training.config.train.steps;
  const start = session.stepsDone;
  const grid = evaluationSteps(last).filter((step) => step > start || start === 0);
  const saving = new Saving();
  while (session.stepsDone < last) {
    if (!(await control.go())) return false;
    const until = Math.min(last, session.stepsDone + pace.chunk);
    const from = session.stepsDone;
    const coming = grid.findIndex((step) => step > until);
    const at = grid.splice(0, coming < 0 ? grid.length : coming);
    const evaluations = await pace.time(until - from, () => session.advance(until, at));
    // An evaluation costs about as much as a step.
    const stepMs = pace.chunkTookMs / (until - from + at.length);
    if (canShrink && until - start <= JUDGED_STEPS && stepMs > STEP_MS_MAX) throw new TooSlow(stepMs);
    const points = at.map((step, i) => ({
      step,
      of: group.map((record, r) => record.add(step, evaluations[i]?.[r] as Evaluation)),
    }));
    onPoints(points, pace.msPerStep / group.length);
    if (group.every(({ divergedAt }) => divergedAt !== null)) return true;
    await breathe();
    if (session.stepsDone < last) await saving.ifDue(session, group, control);
  }
  return true;
}

/** Keeps a checkpoint of every run from time to time. */
class Saving {
  private dueMs = performance.now() + CHECKPOINT_MS;

  async ifDue(session: Session, group: readonly RunRecord[], control: Control): Promise<void> {
    const startMs = performance.now();
    if (startMs < this.dueMs) return;
    const saved: Uint8Array[] = [];
    for (let replica = 0; replica < group.length && !control.stopped; replica++) {
      const bytes = await session.save(replica);
      saved.push(bytes);
      if (bytes.length * group.length > CHECKPOINT_BYTES_MAX) {
        this.dueMs = Number.POSITIVE_INFINITY;
        return;
      }
    }
    if (saved.length < group.length) return;
    group.forEach((record, i) => {
      record.checkpoint = { step: session.stepsDone, bytes: saved[i] as Uint8Array };
    });
    const endMs = performance.now();
    this.dueMs = endMs + Math.max(CHECKPOINT_MS, (endMs - startMs) / CHECKPOINT_SHARE);
  }
}

/** Lets timers and messages through. A timer of 0 ms would cost 4 ms when nested. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

const digest = (weights: readonly Float32Array[]): string => hex(sha256(littleEndian(weights)));
