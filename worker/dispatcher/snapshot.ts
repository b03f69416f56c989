// The ledger as bytes and back.

import { base64, fromBase64 } from '../../shared/bytes.ts';
import type { Ledger, Unit } from '../../shared/unit.ts';
import { exactJson } from '../digest.ts';

interface Snapshot extends Omit<Ledger, 'open' | 'failed' | 'done' | 'contributions'> {
  open: (Omit<Unit, 'acceptedFrom'> & { acceptedFrom: [number, string][] })[];
  failed: [number, { first: number; count: number; reason: string }][];
  done: string;
  contributions: [string, { runs: number; credit: number }][];
}

export function encodeLedger(ledger: Ledger): Uint8Array {
  const snapshot: Snapshot = {
    ...ledger,
    open: [...ledger.open.values()].map((unit) => ({ ...unit, acceptedFrom: [...unit.acceptedFrom] })),
    failed: [...ledger.failed],
    done: base64(ledger.done),
    contributions: [...ledger.contributions],
  };
  return new TextEncoder().encode(exactJson(snapshot));
}

export function decodeLedger(bytes: Uint8Array): Ledger {
  const snapshot: Snapshot = JSON.parse(new TextDecoder().decode(bytes));
  const done = fromBase64(snapshot.done);
  if (!done) throw new Error('the stored ledger is damaged');
  const units = snapshot.open.map((unit) => ({ ...unit, acceptedFrom: new Map(unit.acceptedFrom) }));
  return {
    ...snapshot,
    open: new Map(units.map((unit) => [unit.unit, unit])),
    failed: new Map(snapshot.failed),
    done,
    contributions: new Map(snapshot.contributions),
  };
}
