import { hex } from '../../shared/bytes.ts';
import { littleEndian } from '../../shared/engine/checkpoint.ts';
import { DeviceLost, type Engine, type Session, type Training } from '../../shared/engine/engine.ts';
import { LIMITS } from '../../shared/limits.ts';
import { encodeRunState } from '../../shared/run-state.ts';
import { sha256 } from '../../shared/sha256.ts';
import type { RunConfig } from '../../shared/spec/schema.ts';
import { shapeOf } from '../../shared/spec/sweep.ts';
import type { EngineInUse } from '../engine/choose.ts';
import type { GroupPoint } from '../engine/messages.ts';
import { telling } from '../words/telling.ts';
import type { Control } from './control.ts';
import { engineId, Leg, STEP_MS_MAX, TooSlow, type TrainedSegment } from './group.ts';
import { type Look, Looking } from './looking.ts';
import { Pace, type Stamina } from './pace.ts';
import { plain } from './plain.ts';
import { RunRecord, type SegmentPlan } from './record.ts';
import { type SavedRun, Saving } from './saving.ts';
import { Throttle } from './throttle.ts';
import { troubleOf, type Worry } from './trouble.ts';

export type { TrainedRun, TrainedSegment } from './group.ts';

export interface TrainOptions {
  /** What trains runs of a configuration. Asked before every group, so that a new choice takes effect there. */
  chosen: (config: RunConfig) => EngineInUse;
  trainings: readonly Training[];
  /** What of each training. Unless given: all of it, and nothing is handed in that is not whole. */
  plans?: readonly SegmentPlan[];
  /** Names of the snapshots that a training leaves to other runs, by its place. */
  publishes?: (index: number) => readonly string[];
  control: Control;
  /** Keeps to the control's duty cycle; its own unless given. */
  throttle?: Throttle;
  stamina: Stamina;
  /** Runs begin to be trained together, by their places; after a lost device, again. */
  onGroup: (places: number[], begun: Begun) => void;
  /** After every chunk. `msPerStep` is per step and run. */
  onPoints: (points: GroupPoint[], msPerStep: number) => void;
  /** After every chunk: where the group stands. */
  onStep?: (step: number, msPerStep: number) => void;
  /** Something went wrong that was mended, in words. */
  onMishap: Worry;
  /** Keeps what is in hand beyond this program, every few seconds; must not reject. */
  keep?: (saved: SavedRun[]) => Promise<void>;
  /** Looks at the runs in hand; called now and then between two chunks, while the control says that somebody looks. */
  onLook?: Look;
}

type Throttled = TrainOptions & { throttle: Throttle };

/** Where a group of runs goes on. */
export interface Begun {
  from: number;
  /** Their curves so far. */
  points: GroupPoint[];
}

export interface TrainedGroup {
  engine: Engine;
  runs: TrainedSegment[];
}

/** Whoever has stopped waits for no further state to be saved after so long. */
const LEAVING_MS = 1000;

/**
 * Trains runs as replicas, as many of one shape at once as was chosen, and evaluates them on the grid. Yields each
 * group when it is done, and ends early when the volunteer stops: what is in hand is then yielded as it stands, where
 * that is worth it. A lost device is prepared again and the group goes on from its last checkpoint, a few times; then,
 * and for every other failure of the engine, it throws. Throws DisputedState where a run is not what it goes on from.
 */
export async function* trainRuns(given: TrainOptions): AsyncGenerator<TrainedGroup> {
  const { chosen, control, stamina, onMishap } = given;
  const options = { ...given, throttle: given.throttle ?? new Throttle({ governor: control }) };
  const queue = options.trainings.map(
    (training, i) => new RunRecord(i, training, options.plans?.[i] ?? null),
  );
  while (queue.length > 0) {
    if (!(await goesOn(options))) return;
    const { config } = (queue[0] as RunRecord).training;
    const shape = shapeOf(config);
    const { engine, replicas } = chosen(config);
    for (const record of queue)
      if (shapeOf(record.training.config) === shape) record.keepFor(engineId(engine));
    const group = take(queue, engine, Math.min(replicas, stamina.most(shape)));
    let runs: TrainedSegment[] | null = null;
    try {
      runs = await trainGroup(engine, group, options);
      if (!runs) return;
    } catch (error) {
      const say = telling().mishaps;
      if (error instanceof DoesNotStart && group.length > 1) {
        stamina.tooMany(group.length);
        const words = say.doesNotStart(group.length, plain(error.message), stamina.replicasMax);
        onMishap(words, troubleOf(error.message, null));
      } else if (error instanceof TooSlow) {
        stamina.tooSlow(shape, group.length, error.stepMs / STEP_MS_MAX);
        onMishap(say.tooSlow(group.length, Math.round(error.stepMs), stamina.most(shape)), null);
      } else if (error instanceof DeviceLost) {
        stamina.lost(group.length, error.message);
        const step = group[0]?.place?.step ?? 0;
        onMishap(say.goingOnFrom(step, error.message), troubleOf(error.message, null) ?? 'deviceLost');
      } else throw error;
      queue.unshift(...group);
    }
    if (runs) yield { engine, runs };
  }
}

/** Takes runs off the queue that an engine can train together: one program, one segment, one step to go on from. */
function take(queue: RunRecord[], engine: Engine, most: number): RunRecord[] {
  const key = ({ training: { config }, place, from, until }: RunRecord) =>
    `${shapeOf(config)} ${engine.refuses(config)} ${from} ${place?.step ?? 0} ${until}`;
  const first = key(queue[0] as RunRecord);
  const group = queue.filter((record) => key(record) === first).slice(0, most);
  queue.splice(0, queue.length, ...queue.filter((record) => !group.includes(record)));
  return group;
}

class DoesNotStart extends Error {}

async function prepared(engine: Engine, group: readonly RunRecord[]): Promise<Session> {
  try {
    return await engine.prepare(group.map(({ training }) => training));
  } catch (error) {
    if (error instanceof DeviceLost) throw error;
    throw new DoesNotStart(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Null when the volunteer stopped it and there is nothing worth handing in. */
async function trainGroup(
  engine: Engine,
  group: readonly RunRecord[],
  options: Throttled,
): Promise<TrainedSegment[] | null> {
  const { stamina, throttle, onGroup } = options;
  for (const record of group) record.rewind();
  onGroup(
    group.map(({ index }) => index),
    begun(group),
  );
  const session = await prepared(engine, group);
  // Nothing was submitted yet.
  throttle.skip();
  const pace = new Pace(stamina.chunkMs);
  try {
    const places = group.flatMap(({ place }) => (place ? [place.bytes] : []));
    if (places.length > 0) await session.restore(places);
    const canShrink = engine.name === 'webgpu' && group.length > 1;
    const leg = new Leg(session, group, { pace, canShrink });
    const saving = new Saving(leg, { ...options, engine: engineId(engine) });
    const isWhole = await toTheEnd(leg, saving, options);
    if (!isWhole && !(await cutShort(leg, options))) {
      // What cannot be kept any more is trained again.
      if (saving.isBehind) await saving.save().catch(() => undefined);
      return null;
    }
    return await throttle.compute(() => handedIn(leg, options));
  } finally {
    for (const record of group) record.elapsedMs += pace.elapsedMs / group.length;
    session.dispose();
  }
}

function begun(group: readonly RunRecord[]): Begun {
  const histories = group.map(({ history }) => history);
  const steps = [...new Set(histories.flatMap((one) => [...one.keys()]))].sort((a, b) => a - b);
  return {
    from: group[0]?.place?.step ?? 0,
    points: steps.map((step) => ({ step, of: histories.map((one) => one.get(step) ?? null) })),
  };
}

/**
 * Sleeps as the duty cycle says, and waits while the work is held, for what is to be done first. False once everything
 * should stop.
 */
async function goesOn({ control, throttle }: Throttled, first?: () => Promise<void>): Promise<boolean> {
  await throttle.rest();
  const { isInterrupted } = control;
  if (control.isHeld) await first?.();
  const goes = await control.go();
  if (isInterrupted) throttle.skip();
  return goes;
}

/** Trains to the end of the segment, or until nothing finite is left. False when the volunteer stopped it. */
async function toTheEnd(leg: Leg, saving: Saving, options: Throttled): Promise<boolean> {
  const { control, throttle, onLook } = options;
  const { session, group } = leg;
  const looking = new Looking(control, onLook);
  const save = () => throttle.compute(() => saving.save());
  const keepUp = async () => (saving.isBehind ? save() : undefined);
  while (!leg.isDone) {
    if (!(await goesOn(options, keepUp))) return false;
    await chunk(leg, options);
    await breathe();
    if (leg.isDone) break;
    if (saving.isDue) await save();
    if (looking.isDue) await throttle.compute(() => looking.at(session, group));
  }
  return true;
}

/** Ends the segment where the group stands; false where that is not worth it. */
async function cutShort(leg: Leg, options: Throttled): Promise<boolean> {
  if (!options.plans || !leg.shorten()) return false;
  while (!leg.isDone) await chunk(leg, options);
  return true;
}

async function chunk(leg: Leg, { throttle, onPoints, onStep }: Throttled) {
  const points = await throttle.compute(() => leg.advance());
  const msPerStep = leg.pace.msPerStep / leg.group.length;
  onStep?.(leg.session.stepsDone, msPerStep);
  onPoints(points, msPerStep);
}

/** What came out of a leg. After a stop, only what could be saved quickly. */
async function handedIn(
  { session, group, last, pace }: Leg,
  { control, publishes }: TrainOptions,
): Promise<TrainedSegment[]> {
  const segments: TrainedSegment[] = [];
  const dueMs = performance.now() + LEAVING_MS;
  for (const [replica, record] of group.entries()) {
    if (control.stopped && performance.now() > dueMs) break;
    const { index, divergedAt, from, start } = record;
    const curve = record.curve();
    const isOver = divergedAt !== null || session.stepsDone >= last;
    const to = isOver ? last : session.stepsDone;
    const checkpoint = isOver ? null : await session.save(replica);
    const state = checkpoint && encodeRunState({ step: to, curve, checkpoint });
    // A volunteer who stops may leave a run where nobody could take it over.
    if (state && (state.length > LIMITS.runStateBytesMax || !record.end)) continue;
    segments.push({
      ...{ index, curve, from, to, start, state },
      end: isOver ? null : record.end,
      weightsDigest: digest(divergedAt === null ? await session.weights(replica) : []),
      elapsedMs: record.elapsedMs + pace.elapsedMs / group.length,
      ...(isOver && publishes && { snapshots: snapshotsOf(session, replica, publishes(index)) }),
    });
  }
  return segments;
}

/** Those a run has made: one that diverged may lack some. */
function snapshotsOf(session: Session, replica: number, names: readonly string[]) {
  const made = names.map((name) => [name, session.snapshot?.(replica, name)?.slice() ?? null] as const);
  return new Map(made.flatMap(([name, bytes]) => (bytes ? [[name, bytes] as const] : [])));
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
