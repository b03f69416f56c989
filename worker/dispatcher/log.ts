// Group commit. Decisions are applied to memory at once and written a moment later, many in one row; whoever was told
// something by memory waits until it is written. Should writing fail, memory is ahead of storage and must go.

import type { Entry, LogRow } from './record.ts';
import { joined, type Tables } from './tables.ts';

const COMMIT_AFTER_MS = 20;
/** Kept well below the 2 MB that a row may have. */
const ROW_BYTES = 768 * 1024;
const EVENT_BYTES = 200;
const RECORD_BYTES = 1000;

export interface LogOptions {
  tables: Tables;
  /** Called after every commit with the bytes of curves it wrote. */
  onCommit: (curveBytes: number) => void;
  /** Called when a commit failed: memory holds what storage never will. */
  onFailure: (error: unknown) => void;
}

export class CommitLog {
  /** The last row written. It never falls, whatever is trimmed or restarted. */
  seq: number;
  private readonly options: LogOptions;
  private buffer: Entry[] = [];
  private commit: PromiseWithResolvers<void> | null = null;

  constructor(options: LogOptions) {
    this.options = options;
    this.seq = options.tables.lastSeq();
  }

  add(entry: Entry): void {
    this.buffer.push(entry);
    if (this.commit) return;
    this.commit = Promise.withResolvers();
    // Somebody may or may not be waiting; a failure is handled by onFailure.
    this.commit.promise.catch(() => {});
    setTimeout(() => this.commit && this.tryFlush(), COMMIT_AFTER_MS);
  }

  /** Resolves once everything decided so far is stored. Until then nobody may be told of it. */
  settled(): Promise<void> {
    return this.commit?.promise ?? Promise.resolve();
  }

  /** Stores everything decided so far, now. Throws, after giving up the object, when that fails. */
  flush(): void {
    const { commit, buffer } = this;
    if (!commit) return;
    this.commit = null;
    this.buffer = [];
    try {
      const curveBytes = this.write(buffer);
      commit.resolve();
      this.options.onCommit(curveBytes);
    } catch (error) {
      commit.reject(error);
      this.options.onFailure(error);
      throw error;
    }
  }

  private tryFlush(): void {
    try {
      this.flush();
    } catch {
      // onFailure has been told.
    }
  }

  private write(entries: readonly Entry[]): number {
    const rows = inRows(entries);
    const { tables } = this.options;
    let curveBytes = 0;
    tables.atomically(() => {
      rows.forEach((row, i) => {
        const curves = joined(row.flatMap(({ result }) => (result ? [result.curve] : [])));
        curveBytes += curves.length;
        tables.appendLog(this.seq + 1 + i, contents(row, this.seq + 1 + i), curves);
      });
    });
    this.seq += rows.length;
    return curveBytes;
  }
}

function inRows(entries: readonly Entry[]): Entry[][] {
  const rows: Entry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const size = EVENT_BYTES + (entry.result ? RECORD_BYTES + entry.result.curve.length : 0);
    if (room < size) {
      rows.push([]);
      room = ROW_BYTES;
    }
    rows.at(-1)?.push(entry);
    room -= size;
  }
  return rows;
}

function contents(row: readonly Entry[], seq: number): LogRow {
  let offset = 0;
  const records = row.flatMap(({ result }) => {
    if (!result) return [];
    result.record.place = { in: 'log', number: seq, offset, bytes: result.curve.length };
    offset += result.curve.length;
    return [result.record];
  });
  return { events: row.map(({ event }) => event), records };
}
