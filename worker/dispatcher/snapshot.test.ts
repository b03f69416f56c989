import { expect, test } from 'vitest';
import { apply, type LedgerEvent, newLedger } from '../../shared/ledger.ts';
import { decodeLedger, encodeLedger, ledgerText } from './snapshot.ts';

const segment = { volunteerId: 'v', from: 0, to: 4, digest: 'd', credit: 2, engine: 'test 1', elapsedMs: 1 };
const volunteer = { volunteerId: 'v', deviceId: 'v.d' };

test('a ledger comes back from its bytes as it was, with leases, failures and credit', () => {
  const ledger = newLedger(100_003);
  const events: LedgerEvent[] = [
    { type: 'leased', unit: 0, first: 0, count: 3, ...volunteer, untilMs: 5, atMs: 1 },
    { type: 'accepted', unit: 0, run: 1, volunteerId: 'v', credit: 7 },
    { type: 'leased', unit: 1, first: 3, count: 1, ...volunteer, deviceId: 'v.e', untilMs: 6, atMs: 2 },
    { type: 'ended', unit: 1, volunteerId: 'v', ending: 'lapsed', reason: 'the lease "ran out" \u2028' },
    { type: 'failed', unit: 1 },
    { type: 'leased', unit: 2, first: 4, count: 1, ...volunteer, deviceId: 'v.e', untilMs: 9, atMs: 3 },
    { type: 'accepted', unit: 2, run: 4, volunteerId: 'v', credit: 1 },
    { type: 'advanced', unit: 0, run: 2, checkpoint: 'c', end: [1, 2, 3, 4], ...segment },
    { type: 'extended', unit: 0, volunteerId: 'v', untilMs: 50, progress: 7, atMs: 20 },
    { type: 'grown', runs: 100_100 },
    { type: 'mode', mode: 'paused' },
  ];
  for (const event of events) apply(ledger, event);
  const again = decodeLedger(encodeLedger(ledger));
  // Only a bound, which reading the ledger anew makes a better one.
  expect(again.index.nextExpiryMs).toBe(50);
  again.index.nextExpiryMs = ledger.index.nextExpiryMs;
  expect(again).toEqual(ledger);
  const next: LedgerEvent = { type: 'accepted', unit: 0, run: 2, volunteerId: 'v', credit: 7 };
  for (const one of [ledger, again]) apply(one, next);
  expect(again).toEqual(ledger);
  expect(ledgerText(again)).toBe(ledgerText(ledger));
});
