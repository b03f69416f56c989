// Folding: curves of the log go to R2, records to pages, the ledger to a snapshot, and the log is trimmed.

import { putSegment } from '../store/segments.ts';
import type { CommitLog } from './log.ts';
import type { RunRecord } from './record.ts';
import { encodeLedger } from './snapshot.ts';
import type { SweepState } from './state.ts';
import { RUNS_PER_PAGE, summaryPage } from './summaries.ts';
import { joined, type Tables } from './tables.ts';

/** After a long failure of R2 a log is folded into several segments of about this size. */
const SEGMENT_BYTES = 4 * 1024 * 1024;

interface Parts {
  state: SweepState;
  log: CommitLog;
  tables: Tables;
  bucket: R2Bucket;
}

/**
 * Folds all that is in the log now; decisions may go on meanwhile. Blobs first, rows second, in one transaction: a
 * crash between them leaves a segment nobody points to. Safe to repeat after any failure.
 */
export async function fold({ state, log, tables, bucket }: Parts): Promise<void> {
  log.flush();
  const upTo = log.seq;
  if (upTo === tables.meta('foldedSeq')) return;
  // Memory equals storage at this moment, and only at this moment.
  const snapshot = encodeLedger(state.ledger);
  const { records, segments } = await writeSegments(tables, bucket, state.sweepId, upTo);
  tables.atomically(() => {
    for (const { number, key } of segments) tables.addSegment(number, key);
    for (const [page, members] of Map.groupBy(records, ({ run }) => Math.floor(run / RUNS_PER_PAGE))) {
      const all = [...tables.page(page), ...members].sort((a, b) => a.run - b.run);
      tables.putPage(page, upTo, summaryPage(page, all), all);
    }
    tables.putSnapshot(snapshot);
    tables.setMeta('foldedSeq', upTo);
    tables.trimLog(upTo);
  });
  for (const { run } of records) state.recent.delete(run);
}

async function writeSegments(tables: Tables, bucket: R2Bucket, sweepId: string, upTo: number) {
  const records: RunRecord[] = [];
  const segments: { number: number; key: string }[] = [];
  let number = tables.nextSegment();
  let parts: Uint8Array[] = [];
  let size = 0;
  const close = async () => {
    if (size === 0) return;
    segments.push({ number, key: await putSegment(bucket, sweepId, number, joined(parts)) });
    number++;
    parts = [];
    size = 0;
  };
  for (const { seq, row } of tables.log(upTo)) {
    if (row.records.length === 0) continue;
    for (const record of row.records) {
      const { offset, bytes } = record.place;
      records.push({ ...record, place: { in: 'segment', number, offset: size + offset, bytes } });
    }
    const curves = tables.curvesOf(seq);
    parts.push(curves);
    size += curves.length;
    if (size >= SEGMENT_BYTES) await close();
  }
  await close();
  return { records, segments };
}
