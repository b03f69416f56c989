// What must always hold, as code: used by unit tests, simulations and the audit of stored data.

import { isDone, type Ledger } from './unit.ts';

/** One stored result, as far as the promises care. */
export interface AcceptedRun {
  run: number;
  unit: number;
  volunteerId: string;
  digest: string;
  credit: number;
}

export interface World {
  ledger: Ledger;
  /** Results on record, in any order. */
  records: readonly AcceptedRun[];
  /** Every acknowledgement of an accepted result that a volunteer was sent. */
  acknowledged: readonly Pick<AcceptedRun, 'run' | 'volunteerId' | 'digest'>[];
  /** Outcomes seen earlier: unit number to how it ended. */
  outcomesBefore?: ReadonlyMap<number, 'accepted' | 'failed'>;
}

/** The first broken promise in words, or null. P-numbers are explained in docs/promises.md. */
export function brokenPromise(world: World): string | null {
  return (
    lostResult(world) ??
    countedTwice(world) ??
    strayUnit(world) ??
    changedOutcome(world) ??
    wrongCredit(world)
  );
}

/** P1: an acknowledged result is never lost. */
function lostResult({ records, acknowledged, ledger }: World): string | null {
  const byRun = new Map(records.map((record) => [record.run, record]));
  for (const ack of acknowledged) {
    const record = byRun.get(ack.run);
    if (record?.digest !== ack.digest || record.volunteerId !== ack.volunteerId)
      return `P1: the result of run ${ack.run} is lost`;
  }
  for (const { run } of records)
    if (!isDone(ledger, run)) return `P1: run ${run} has a result but does not count as done`;
  return null;
}

/** P2: nothing counts twice. */
function countedTwice({ records, ledger }: World): string | null {
  const runs = new Set(records.map(({ run }) => run));
  if (runs.size !== records.length) return 'P2: a run has two results on record';
  if (ledger.doneRuns !== records.length)
    return `P2: ${ledger.doneRuns} runs count as done, ${records.length} are on record`;
  for (const unit of ledger.open.values()) {
    const volunteers = unit.attempts.map(({ volunteerId }) => volunteerId);
    if (new Set(volunteers).size !== volunteers.length)
      return `P2: a volunteer has two attempts on unit ${unit.unit}`;
  }
  return null;
}

/** P3: every unit ends or waits: each leased run is done, in exactly one open unit, or in a failed one. */
function strayUnit({ ledger }: World): string | null {
  const holders = new Uint8Array(ledger.cursor);
  const units = [...ledger.open.values(), ...ledger.failed.values()];
  for (const { first, count } of units) {
    for (let run = first; run < first + count; run++) {
      if (run >= ledger.cursor) return `P3: run ${run} is in a unit but was never leased`;
      if (holders[run]) return `P3: run ${run} is in two units`;
      holders[run] = 1;
    }
  }
  for (let run = 0; run < ledger.cursor; run++)
    if (!holders[run] && !isDone(ledger, run)) return `P3: run ${run} was leased and forgotten`;
  for (const unit of ledger.open.values()) {
    if (unit.acceptedFrom.size >= unit.count) return `P3: unit ${unit.unit} is finished but still open`;
  }
  if (ledger.acceptedUnits + units.length !== ledger.nextUnit) return 'P3: units do not add up';
  return null;
}

/** P4: an outcome never changes by itself. */
function changedOutcome({ ledger, outcomesBefore }: World): string | null {
  for (const [unit, outcome] of outcomesBefore ?? []) {
    const now = ledger.open.has(unit) ? 'open' : ledger.failed.has(unit) ? 'failed' : 'accepted';
    if (now !== outcome) return `P4: unit ${unit} was ${outcome} and is now ${now}`;
  }
  return null;
}

/** P5: credit granted is the credit of the accepted results, volunteer by volunteer. */
function wrongCredit({ ledger, records }: World): string | null {
  const sums = new Map<string, number>();
  for (const { volunteerId, credit } of records) sums.set(volunteerId, (sums.get(volunteerId) ?? 0) + credit);
  if (sums.size !== ledger.contributions.size)
    return 'P5: credit for somebody without a result, or none for somebody with one';
  for (const [volunteerId, { credit }] of ledger.contributions) {
    if (sums.get(volunteerId) !== credit)
      return `P5: ${volunteerId} has credit ${credit} for results worth ${sums.get(volunteerId)}`;
  }
  return null;
}
