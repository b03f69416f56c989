import type { Session } from '../../shared/engine/engine.ts';
import { encodeRunState } from '../../shared/run-state.ts';
import type { Control } from './control.ts';
import type { RunRecord } from './record.ts';

const CHECKPOINT_MS = 10_000;
/** Saving may take at most this share of the time, and this much memory. */
const CHECKPOINT_SHARE = 0.05;
const CHECKPOINT_BYTES_MAX = 256 * 1024 ** 2;

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
  keep: ((saved: SavedRun[]) => Promise<void>) | undefined;
}

/** Keeps a checkpoint of every run of a group from time to time. */
export class Saving {
  private readonly options: SavingOptions;
  private dueMs = performance.now() + CHECKPOINT_MS;

  constructor(options: SavingOptions) {
    this.options = options;
  }

  async ifDue(session: Session, group: readonly RunRecord[], elapsedMs: number): Promise<void> {
    const { control, engine, keep } = this.options;
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
    const step = session.stepsDone;
    group.forEach((record, i) => {
      record.checkpoint = { step, bytes: saved[i] as Uint8Array, engine };
    });
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
