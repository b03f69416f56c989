// What an object remembers after a restart must be what all the events it ever stored say, from the first one on.

import {
  type Attempt,
  apply,
  isDone,
  type Ledger,
  newLedger,
  type Segment,
  type Unit,
} from '../../shared/ledger.ts';
import { runsInStripe } from '../../shared/spec/stripe.ts';
import type { SimObject } from './object.ts';
import { parse } from './specs.ts';

export function brokenMemory({ desk, tables, firstSpec }: SimObject): string | null {
  if (!desk) return null;
  const { state } = desk;
  const replayed = newLedger(runsInStripe(parse(firstSpec), state.stripe));
  const begunAnew = new Set<number>();
  for (const event of tables.history) {
    apply(replayed, event);
    if (event.type === 'advanced') begunAnew.delete(event.run);
    if (event.type !== 'rewound') continue;
    if (begunAnew.has(event.run)) return `P3: run ${event.run} began anew twice without a step between`;
    begunAnew.add(event.run);
  }
  if (text(replayed) !== text(state.ledger)) return 'P1: memory is not what the log says';
  for (const record of state.recent.values())
    if (!isDone(replayed, record.run)) return `P1: run ${record.run} has a result without an event`;
  return null;
}

/** The same text for the same ledger, however its objects came to be. */
function text({ index: _, open, failed, contributions, done, ...rest }: Ledger): string {
  const { runs, mode, cursor, skipped, barren, nextUnit, acceptedUnits, doneRuns, reopened } = rest;
  const texts = (all: Iterable<Unit>) =>
    [...all].map(({ unit, first, count, stride = 1, attempts, acceptedFrom, progress, reason }) => [
      ...[unit, first, count, stride, reason, ...acceptedFrom, ...attempts.map(flat)],
      ...[...progress].map(([run, { segments, since, rewinds, checkpoint, end }]) => [
        ...[run, since, rewinds, checkpoint, ...end, ...segments.map(flat)],
      ]),
    ]);
  const units = texts(open.values());
  const given = [
    texts(failed.values()),
    [...failed.values()].map(({ isCancelled }) => isCancelled),
    reopened,
  ];
  const credit = [...contributions].map(([volunteerId, one]) => [
    ...[volunteerId, one.runs, one.credit, one.days],
  ]);
  return JSON.stringify([
    runs,
    mode,
    cursor,
    [...skipped],
    [...barren],
    nextUnit,
    acceptedUnits,
    doneRuns,
    [...done],
    units,
    given,
    credit,
  ]);
}

const flat = (one: Attempt | Segment): unknown[] =>
  'verdict' in one
    ? [
        one.volunteerId,
        one.deviceId,
        one.expiresAtMs,
        one.verdict,
        one.faults,
        one.gaveUp,
        one.disputed,
        one.progress,
        one.progressAtMs,
        one.sinceMs,
        one.reason,
      ]
    : [one.volunteerId, one.from, one.to, one.digest, one.credit, one.engine, one.elapsedMs];
