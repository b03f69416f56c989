import { encodeRunState } from '../../shared/run-state.ts';
import type { Control } from './control.ts';
import type { Leg } from './group.ts';
import type { RunRecord } from './record.ts';

const CHECKPOINT_MS = 10_000;
/** Saving may take at most this share of the time, and this much memory. */
const CHECKPOINT_SHARE = 0.05;
const CHECKPOINT_BYTES_MAX = 256 * 1024 ** 2;
/** A volunteer who stops waits for it no longer. */
const LEAVING_MS = 1000;

/** Where a run in hand stands, to be kept by the device. */
export interface SavedRun {
  /** Its place among the trainings. */
  index: number;
  from: number;
  start: number[] | null;
  engine: string;
  elapsedMs: number;
  /** See shared/run-state.ts. */
  state: Uint8Array<ArrayBuffer>;
}

export interface SavingOptions {
  engine: string;
  control: Control;
  /** Keeps what was saved beyond this program; must not reject. */
  keep?: ((saved: SavedRun[]) => Promise<void>) | undefined;
}

/** Keeps a checkpoint of every run of a group: from time to time, and where they stand when the work stands still. */
export class Saving {
  private readonly leg: Pick<Leg, 'session' | 'group' | 'pace'>;
  private readonly options: SavingOptions;
  private dueMs = performance.now() + CHECKPOINT_MS;
  private isTooLarge = false;
  /** What is kept, or has no need to be. */
  private keptStep: number;

  constructor(leg: Pick<Leg, 'session' | 'group' | 'pace'>, options: SavingOptions) {
    this.leg = leg;
    this.options = options;
    this.keptStep = leg.session.stepsDone;
  }

  get isDue(): boolean {
    return !this.isTooLarge && performance.now() >= this.dueMs;
  }

  /** Whether the runs stand elsewhere than what is kept, and the device could keep it. */
  get isBehind(): boolean {
    return !this.isTooLarge && this.options.keep !== undefined && this.leg.session.stepsDone > this.keptStep;
  }

  /** Given up where the volunteer stops meanwhile; by one who has stopped already, after a moment. */
  async save(): Promise<void> {
    const { control, engine, keep } = this.options;
    const { session, group, pace } = this.leg;
    const startMs = performance.now();
    const hasStopped = control.stopped;
    const isWaitedFor = () => (hasStopped ? performance.now() - startMs < LEAVING_MS : !control.stopped);
    const saved: Uint8Array[] = [];
    for (let replica = 0; replica < group.length && isWaitedFor(); replica++) {
      const bytes = await session.save(replica);
      saved.push(bytes);
      this.isTooLarge = bytes.length * group.length > CHECKPOINT_BYTES_MAX;
      if (this.isTooLarge) return;
    }
    if (saved.length < group.length) return;
    const step = session.stepsDone;
    group.forEach((record, i) => {
      record.checkpoint = { step, bytes: saved[i] as Uint8Array, engine };
    });
    this.keptStep = step;
    const elapsedMs = pace.elapsedMs / group.length;
    await keep?.(group.map((record) => savedRun(record, step, record.elapsedMs + elapsedMs)));
    const endMs = performance.now();
    this.dueMs = endMs + Math.max(CHECKPOINT_MS, (endMs - startMs) / CHECKPOINT_SHARE);
  }
}

function savedRun(record: RunRecord, step: number, elapsedMs: number): SavedRun {
  const { index, from, start } = record;
  const { bytes: checkpoint, engine } = record.checkpoint as { bytes: Uint8Array; engine: string };
  const state = encodeRunState({ step, curve: record.curve(), checkpoint });
  return { index, from, start, engine, elapsedMs, state };
}
