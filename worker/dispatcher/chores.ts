// What a dispatcher does beside answering: it folds its log, tells D1 and moves curves to parts, one at a time. Whatever
// fails is tried again later, and none waits for another to succeed.

import type { Env } from '../env.ts';
import { putBundle } from '../store/bundles.ts';
import { upsertCells } from '../store/cells.ts';
import { upsertContributions } from '../store/contributions.ts';
import { distrustDerived, forgetDistrusted, setProgress } from '../store/progress.ts';
import { type Bustle, Compaction } from './compact.ts';
import { finishFold, prepareFold } from './fold.ts';
import type { CommitLog } from './log.ts';
import { notProjected, prepareProjection, projected } from './project.ts';
import type { SweepState } from './state.ts';
import type { Tables } from './tables.ts';

const SOON_MS = 2000;
const FOLD_AT_BYTES = 8 * 1024 * 1024;
/** A log smaller than this, or than the snapshot a fold would write, may wait so long: a fold rewrites whole pages. */
const FOLD_FROM_BYTES = 1024 * 1024;
const FOLD_LATEST_MS = 60_000;
/** D1 is told seldom where that takes many rows. */
const MS_PER_ROW = 200;
const TOLD_LATEST_MS = 30_000;
const RETRY_MS_MAX = 60_000;

interface Options {
  state: SweepState;
  log: CommitLog;
  tables: Tables;
  /** As it is now: tests take things away. */
  env: () => Pick<Env, 'BLOBS' | 'DB'>;
}

export class Chores {
  /** Bytes in the log; what an earlier life left in it is worth a fold in any case. */
  unfoldedBytes: number;
  readonly compaction: Compaction;
  private readonly options: Options;
  private queue: Promise<unknown> = Promise.resolve();
  private snapshotBytes = 0;
  private foldedAtMs: number;
  private tellFromMs = 0;
  private failures = 0;

  constructor(options: Options, nowMs: number) {
    this.options = options;
    const { state, tables } = options;
    this.compaction = new Compaction({ state, tables, blobs: () => options.env().BLOBS });
    this.foldedAtMs = nowMs;
    this.unfoldedBytes = options.tables.logIsEmpty() ? 0 : Number.POSITIVE_INFINITY;
  }

  /** After so many milliseconds something is to be done; null while nothing is. */
  dueInMs(nowMs: number): number | null {
    const { tables, state } = this.options;
    const isTold = tables.lastSeq() === tables.meta('projectedSeq');
    const hasLog = !tables.logIsEmpty();
    const compactInMs = this.compaction.dueInMs(this.bustle(nowMs));
    if (isTold && !hasLog && compactInMs === Number.POSITIVE_INFINITY) return null;
    if (this.failures > 0) return Math.min(RETRY_MS_MAX, SOON_MS * 2 ** this.failures);
    if (this.unfoldedBytes > FOLD_AT_BYTES && hasLog)
      return this.unfoldedBytes < Number.POSITIVE_INFINITY ? 0 : SOON_MS;
    const tellInMs = state.isOver() ? SOON_MS : Math.max(SOON_MS, this.tellFromMs - nowMs);
    const foldInMs = this.isWorthFolding(nowMs) ? SOON_MS : this.foldedAtMs + FOLD_LATEST_MS - nowMs;
    return Math.min(
      isTold ? Number.POSITIVE_INFINITY : tellInMs,
      hasLog ? foldInMs : Number.POSITIVE_INFINITY,
      compactInMs,
    );
  }

  /** Does what is due. Never throws. */
  async run(nowMs: number): Promise<void> {
    const isFull = this.unfoldedBytes > FOLD_AT_BYTES;
    const isForCompaction = this.compaction.dueInMs(this.bustle(nowMs)) <= 0;
    const work: (() => Promise<void>)[] = [];
    if (isFull || this.isWorthFolding(nowMs)) work.push(() => this.fold(nowMs));
    // A log that fills up quickly is no reason to tell D1 more often, nor are curves to be moved.
    if (!(isFull || isForCompaction) || nowMs >= this.tellFromMs) work.push(() => this.tell(nowMs));
    work.push(() => this.inTurn(() => this.compaction.run(this.bustle(nowMs))));
    let failed = false;
    for (const chore of work) {
      await chore().catch((error) => {
        failed = true;
        console.error(error);
      });
    }
    this.failures = failed ? this.failures + 1 : 0;
  }

  /** Curves to R2, records to pages, the ledger to a snapshot. */
  fold(nowMs: number): Promise<void> {
    return this.inTurn(async () => {
      const folding = prepareFold(this.options);
      if (!folding) return;
      const { unfoldedBytes } = this;
      this.unfoldedBytes = 0;
      try {
        const { BLOBS } = this.options.env();
        const {
          sweepId,
          stripe: { stripe },
        } = this.options.state;
        const keys: string[] = [];
        for (const { number, bytes } of folding.bundles)
          keys.push(await putBundle(BLOBS, { sweepId, stripe }, number, bytes));
        finishFold(this.options, folding, keys);
      } catch (error) {
        this.unfoldedBytes += unfoldedBytes;
        throw error;
      }
      this.compaction.look();
      this.snapshotBytes = folding.snapshot.length;
      this.foldedAtMs = nowMs;
    });
  }

  /** Tells D1 all it does not know. */
  tell(nowMs: number): Promise<void> {
    return this.inTurn(async () => {
      const { tables, state } = this.options;
      const place = { sweepId: state.sweepId, ...state.stripe };
      const isAnew = tables.meta('projectedSeq') === 0 && tables.lastSeq() > 0;
      if (isAnew) {
        await distrustDerived(this.options.env().DB, place);
        state.markAllDirty();
      }
      let rows = 0;
      for (;;) {
        const projection = prepareProjection(this.options);
        if (!projection) break;
        const { sweepId, stripe, seq, cells, volunteers, finishedRuns, failedRuns, isComplete } = projection;
        const { DB } = this.options.env();
        try {
          if (cells.length > 0) await upsertCells(DB, sweepId, seq, cells);
          if (volunteers.length > 0) await upsertContributions(DB, sweepId, stripe, seq, volunteers);
          await setProgress(DB, sweepId, seq, { stripe, finishedRuns, failedRuns });
          if (isAnew && isComplete) await forgetDistrusted(DB, place);
        } catch (error) {
          notProjected(this.options, projection);
          throw error;
        }
        projected(this.options, projection);
        rows += cells.length + volunteers.length + 2;
        if (isComplete) break;
      }
      this.tellFromMs = nowMs + Math.min(TOLD_LATEST_MS, rows * MS_PER_ROW);
    });
  }

  /** Tells D1 everything anew, as if it knew nothing; what is interrupted goes on later, also after a restart. */
  async rebuild(nowMs: number): Promise<void> {
    const { tables, log } = this.options;
    await this.inTurn(async () => log.advance(() => tables.setMeta('projectedSeq', 0)));
    await this.tell(nowMs);
  }

  private bustle(nowMs: number): Bustle {
    const { state, tables } = this.options;
    const { foldedAtMs } = this;
    return { nowMs, foldedAtMs, hasLog: !tables.logIsEmpty(), isOver: state.isOver() };
  }

  private isWorthFolding(nowMs: number): boolean {
    const isFirst = this.snapshotBytes === 0;
    return (
      this.unfoldedBytes >= (isFirst ? 0 : Math.max(this.snapshotBytes, FOLD_FROM_BYTES)) ||
      this.options.state.isOver() ||
      nowMs - this.foldedAtMs >= FOLD_LATEST_MS
    );
  }

  /** After whatever is being done. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work);
    this.queue = turn.catch(() => {});
    return turn;
  }
}
