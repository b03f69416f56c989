// The ledger as bytes and back.

import { base64, fromBase64 } from '../../shared/bytes.ts';
import {
  type Attempt,
  type Contribution,
  type FailedUnit,
  indexed,
  type Ledger,
  type Progress,
  type Unit,
} from '../../shared/ledger.ts';
import { exactJson } from '../digest.ts';

type Stored<U extends Unit> = Omit<U, 'acceptedFrom' | 'progress' | 'attempts'> & {
  attempts: (Partial<Attempt> & Pick<Attempt, 'expiresAtMs'>)[];
  acceptedFrom: [number, string][];
  progress?: [number, Progress][];
};

interface Snapshot
  extends Omit<
    Ledger,
    'open' | 'failed' | 'done' | 'contributions' | 'index' | 'mode' | 'reopened' | 'skipped' | 'barren'
  > {
  mode?: Ledger['mode'];
  reopened?: number;
  /** Only where some runs take something from others. */
  skipped?: number[];
  barren?: number[];
  open: Stored<Unit>[];
  failed: [number, Stored<FailedUnit> | OldFailedUnit][];
  done: string;
  contributions: [string, Contribution][];
}

/** As the first release stored it. */
interface OldFailedUnit {
  first: number;
  count: number;
  reason: string;
}

export function encodeLedger({ index: _, skipped, barren, ...ledger }: Ledger): Uint8Array {
  const snapshot: Snapshot = {
    ...ledger,
    ...(skipped.size > 0 && { skipped: [...skipped] }),
    ...(barren.size > 0 && { barren: [...barren] }),
    open: [...ledger.open.values()].map(stored),
    failed: [...ledger.failed].map(([number, unit]) => [number, stored(unit)]),
    done: base64(ledger.done),
    contributions: [...ledger.contributions],
  };
  return new TextEncoder().encode(exactJson(snapshot));
}

const stored = <U extends Unit>(unit: U): Stored<U> => ({
  ...unit,
  acceptedFrom: [...unit.acceptedFrom],
  progress: [...unit.progress],
});

function restored<U extends Unit>(unit: Stored<U>): U {
  const attempts = unit.attempts.map((attempt) => ({ ...neverTried(attempt.expiresAtMs), ...attempt }));
  const maps = { acceptedFrom: new Map(unit.acceptedFrom), progress: new Map(unit.progress) };
  return { ...unit, attempts, ...maps } as unknown as U;
}

const neverTried = (atMs: number) => ({
  ...{ disputed: null, reason: null },
  ...{ progress: 0, progressAtMs: atMs, sinceMs: atMs },
});

/** Also of what an earlier release stored, which knew neither handed-over runs nor pauses. */
export function decodeLedger(bytes: Uint8Array): Ledger {
  const snapshot: Snapshot = JSON.parse(new TextDecoder().decode(bytes));
  const done = fromBase64(snapshot.done);
  if (!done) throw new Error('the stored ledger is damaged');
  const failed = snapshot.failed.map(([number, unit]): [number, FailedUnit] => {
    if ('attempts' in unit) return [number, restored<FailedUnit>(unit)];
    const acceptedFrom = doneRuns(done, unit).map((run): [number, string] => [run, '']);
    const old = {
      ...unit,
      unit: number,
      attempts: [],
      isCancelled: false,
      acceptedFrom: new Map(acceptedFrom),
    };
    return [number, { ...old, progress: new Map() }];
  });
  return indexed({
    ...snapshot,
    mode: snapshot.mode ?? 'running',
    reopened: snapshot.reopened ?? 0,
    skipped: new Set(snapshot.skipped),
    barren: new Set(snapshot.barren),
    open: new Map(snapshot.open.map((unit) => [unit.unit, restored<Unit>(unit)])),
    failed: new Map(failed),
    done,
    contributions: new Map(snapshot.contributions),
  });
}

const doneRuns = (done: Uint8Array, { first, count }: OldFailedUnit): number[] =>
  Array.from({ length: count }, (_, i) => first + i).filter(
    (run) => ((done[run >> 3] ?? 0) & (1 << (run & 7))) !== 0,
  );

/** The ledger as text: equal for equal ledgers, whatever way they came about. */
export function ledgerText(ledger: Ledger): string {
  const stored: unknown = JSON.parse(new TextDecoder().decode(encodeLedger(ledger)));
  return JSON.stringify(stored, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
