// The ledger as bytes and back.

import { base64, fromBase64 } from '../../shared/bytes.ts';
import { type FailedUnit, indexed, type Ledger, type Progress, type Unit } from '../../shared/ledger.ts';
import { exactJson } from '../digest.ts';

type StoredUnit = Omit<Unit, 'acceptedFrom' | 'progress'> & {
  acceptedFrom: [number, string][];
  progress?: [number, Progress][];
};

interface Snapshot extends Omit<Ledger, 'open' | 'failed' | 'done' | 'contributions' | 'index' | 'mode'> {
  mode?: Ledger['mode'];
  open: StoredUnit[];
  failed: [number, FailedUnit][];
  done: string;
  contributions: [string, { runs: number; credit: number }][];
}

export function encodeLedger({ index: _, ...ledger }: Ledger): Uint8Array {
  const units = [...ledger.open.values()].map((unit) => ({
    ...unit,
    acceptedFrom: [...unit.acceptedFrom],
    progress: [...unit.progress],
  }));
  const snapshot: Snapshot = {
    ...ledger,
    open: units,
    failed: [...ledger.failed],
    done: base64(ledger.done),
    contributions: [...ledger.contributions],
  };
  return new TextEncoder().encode(exactJson(snapshot));
}

/** Also of what an earlier release stored, which knew neither handed-over runs nor pauses. */
export function decodeLedger(bytes: Uint8Array): Ledger {
  const snapshot: Snapshot = JSON.parse(new TextDecoder().decode(bytes));
  const done = fromBase64(snapshot.done);
  if (!done) throw new Error('the stored ledger is damaged');
  const units = snapshot.open.map((unit) => ({
    ...unit,
    attempts: unit.attempts.map((attempt) => ({
      ...{ disputed: null, progress: 0, progressAtMs: attempt.expiresAtMs },
      ...attempt,
    })),
    acceptedFrom: new Map(unit.acceptedFrom),
    progress: new Map(unit.progress),
  }));
  return indexed({
    ...snapshot,
    mode: snapshot.mode ?? 'running',
    open: new Map(units.map((unit) => [unit.unit, unit])),
    failed: new Map(
      snapshot.failed.map(([unit, failed]) => [unit, { ...failed, segments: failed.segments ?? [] }]),
    ),
    done,
    contributions: new Map(snapshot.contributions),
  });
}

/** The ledger as text: equal for equal ledgers, whatever way they came about. */
export function ledgerText(ledger: Ledger): string {
  const stored: unknown = JSON.parse(new TextDecoder().decode(encodeLedger(ledger)));
  return JSON.stringify(stored, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
