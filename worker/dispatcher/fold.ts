// Folding: curves of the log go to R2, records to pages, the ledger to a snapshot, and the log is trimmed. Blobs first,
// rows second, in one transaction: a crash between them leaves bundles nobody points to.

import type { CommitLog } from './log.ts';
import type { RunRecord } from './record.ts';
import { encodeLedger } from './snapshot.ts';
import type { SweepState } from './state.ts';
import { RUNS_PER_PAGE, summaryPage } from './summaries.ts';
import { joined, type RunsOnPages, type StoredSweep } from './tables.ts';

/** After a long failure of R2 a log is folded into several bundles of about this size. */
const BUNDLE_BYTES = 4 * 1024 * 1024;

interface Parts {
  state: SweepState;
  log: CommitLog;
  tables: StoredSweep;
}

/** All that is in the log now, as it will be stored. */
export interface Folding {
  upTo: number;
  snapshot: Uint8Array;
  spec: string | null;
  records: RunRecord[];
  bundles: { number: number; bytes: Uint8Array; pages: RunsOnPages }[];
}

/** What is to be folded; null when nothing is. Decisions may go on meanwhile. Safe to repeat. */
export function prepareFold({ state, log, tables }: Parts): Folding | null {
  log.flush();
  const upTo = log.seq;
  if (upTo === tables.meta('foldedSeq')) return null;
  // Memory equals storage at this moment, and only at this moment.
  const snapshot = encodeLedger(state.ledger);
  const folding: Folding = { upTo, snapshot, spec: null, records: [], bundles: [] };
  let number = tables.nextBundle();
  let parts: Uint8Array[] = [];
  let pages = new Map<number, number>();
  let size = 0;
  const close = () => {
    if (size > 0) folding.bundles.push({ number: number++, bytes: joined(parts), pages: [...pages] });
    parts = [];
    pages = new Map();
    size = 0;
  };
  for (const { seq, row } of tables.log(upTo)) {
    if (row.spec) folding.spec = row.spec;
    if (row.records.length === 0) continue;
    for (const record of row.records) {
      if (record.place.in !== 'log') throw new Error(`run ${record.run} is in the log and elsewhere`);
      const { offset, bytes } = record.place;
      folding.records.push({ ...record, place: { in: 'bundle', number, offset: size + offset, bytes } });
      const page = Math.floor(record.run / RUNS_PER_PAGE);
      pages.set(page, (pages.get(page) ?? 0) + 1);
    }
    const curves = tables.curvesOf(seq);
    parts.push(curves);
    size += curves.length;
    if (size >= BUNDLE_BYTES) close();
  }
  close();
  return folding;
}

/** Writes the rows, once the bundles are stored under `keys`, in their order. */
export function finishFold(
  { state, tables }: Omit<Parts, 'log'>,
  folding: Folding,
  keys: readonly string[],
): void {
  const { upTo, snapshot, spec, records, bundles } = folding;
  tables.atomically(() => {
    bundles.forEach(({ number, pages }, i) => {
      tables.addBundle(number, keys[i] as string, pages);
    });
    for (const [page, members] of Map.groupBy(records, ({ run }) => Math.floor(run / RUNS_PER_PAGE))) {
      const all = [...tables.page(page), ...members].sort((a, b) => a.run - b.run);
      tables.putPage(page, upTo, summaryPage(page, all), all);
    }
    if (spec !== null) {
      tables.setMeta('spec', spec);
      tables.setMeta('grownSeq', upTo);
    }
    tables.putSnapshot(snapshot);
    tables.setMeta('foldedSeq', upTo);
    tables.trimLog(upTo);
  });
  for (const { run } of records) state.recent.delete(run);
}
