import { expect, test } from 'vitest';
import { apply, type LedgerEvent, newLedger } from '../../shared/unit.ts';
import { decodeLedger, encodeLedger } from './snapshot.ts';

const volunteer = { volunteerId: 'v', deviceId: 'v.d' };

test('a ledger comes back from its bytes as it was, with leases, failures and credit', () => {
  const ledger = newLedger(100_003);
  const events: LedgerEvent[] = [
    { type: 'leased', unit: 0, first: 0, count: 3, ...volunteer, untilMs: 5 },
    { type: 'accepted', unit: 0, run: 1, volunteerId: 'v', credit: 7 },
    { type: 'leased', unit: 1, first: 3, count: 1, ...volunteer, untilMs: 6 },
    { type: 'ended', unit: 1, volunteerId: 'v', ending: 'lapsed', reason: 'the lease "ran out" \u2028' },
    { type: 'failed', unit: 1 },
    { type: 'leased', unit: 2, first: 4, count: 1, ...volunteer, untilMs: 9 },
    { type: 'accepted', unit: 2, run: 4, volunteerId: 'v', credit: 1 },
  ];
  for (const event of events) apply(ledger, event);
  const again = decodeLedger(encodeLedger(ledger));
  expect(again).toEqual(ledger);
  const next: LedgerEvent = { type: 'accepted', unit: 0, run: 2, volunteerId: 'v', credit: 7 };
  for (const one of [ledger, again]) apply(one, next);
  expect(again).toEqual(ledger);
});
