// The life of a work unit, as a ledger of events. Decisions read the ledger and return events; `apply` is the only
// thing that changes it. Replaying the events gives the same ledger, so the log of events is the truth.

import { LIMITS } from './limits.ts';

/** One volunteer's claim on one unit; at most one exists, and leasing again renews it. */
export interface Attempt {
  volunteerId: string;
  deviceId: string;
  expiresAtMs: number;
  verdict: 'running' | 'expired';
  /** How often it ended because the work went wrong, since the unit last got on. */
  faults: number;
  /** Whether it ended unwished, by a fault or by running out, since the unit last got on. */
  gaveUp: boolean;
}

/** Why a lease ended before its unit: the time ran out, the volunteer chose so, or the work went wrong. */
export type Ending = 'lapsed' | 'handed-back' | 'fault';

/** Runs first .. first + count - 1, leased together, until every one is accepted or the unit failed. */
export interface Unit {
  unit: number;
  first: number;
  count: number;
  attempts: Attempt[];
  /** Who the accepted runs came from. */
  acceptedFrom: Map<number, string>;
  /** The last reason for which a lease on it ended. */
  reason: string | null;
}

export interface Ledger {
  runs: number;
  /** Every run below it has been leased at least once. */
  cursor: number;
  nextUnit: number;
  /** Units without an outcome; the others are only counted. */
  open: Map<number, Unit>;
  failed: Map<number, { first: number; count: number; reason: string }>;
  acceptedUnits: number;
  /** One bit a run: its result is accepted. */
  done: Uint8Array;
  doneRuns: number;
  contributions: Map<string, { runs: number; credit: number }>;
}

export type LedgerEvent =
  | {
      type: 'leased';
      unit: number;
      first: number;
      count: number;
      volunteerId: string;
      deviceId: string;
      untilMs: number;
    }
  | { type: 'extended'; unit: number; volunteerId: string; untilMs: number }
  | { type: 'ended'; unit: number; volunteerId: string; ending: Ending; reason: string }
  | { type: 'failed'; unit: number }
  | { type: 'accepted'; unit: number; run: number; volunteerId: string; credit: number };

export const newLedger = (runs: number): Ledger => ({
  runs,
  cursor: 0,
  nextUnit: 0,
  open: new Map(),
  failed: new Map(),
  acceptedUnits: 0,
  done: new Uint8Array(Math.ceil(runs / 8)),
  doneRuns: 0,
  contributions: new Map(),
});

export const isDone = (ledger: Ledger, run: number): boolean =>
  ((ledger.done[run >> 3] ?? 0) & (1 << (run & 7))) !== 0;

/** The runs of a unit that still lack a result. */
export const missingRuns = (unit: Unit): number[] =>
  Array.from({ length: unit.count }, (_, i) => unit.first + i).filter((run) => !unit.acceptedFrom.has(run));

export const isLeased = (unit: Unit): boolean => unit.attempts.some(({ verdict }) => verdict === 'running');

/** The unit a device holds a live lease on. */
export function heldBy(ledger: Ledger, deviceId: string): Unit | null {
  for (const unit of ledger.open.values()) {
    if (unit.attempts.some((a) => a.deviceId === deviceId && a.verdict === 'running')) return unit;
  }
  return null;
}

/** Ends every lease whose time is over; a unit that too many volunteers gave up on, without getting on, fails. */
export function expire(ledger: Ledger, nowMs: number): LedgerEvent[] {
  const events: LedgerEvent[] = [];
  for (const unit of ledger.open.values()) {
    for (const attempt of unit.attempts) {
      if (attempt.verdict === 'running' && attempt.expiresAtMs <= nowMs) {
        events.push(...endLease(unit, attempt, 'lapsed', 'the lease ran out'));
      }
    }
  }
  return events;
}

export interface LeaseRequest {
  volunteerId: string;
  deviceId: string;
  nowMs: number;
  leaseMs: number;
  /** How many runs a new unit that starts at `first` may hold: by the work in them. */
  unitSize: (first: number) => number;
}

/**
 * The lease for a device: the one it holds already, else a unit given up by others (those it has not tried first),
 * else fresh runs. A unit that went wrong too often in one volunteer's hands waits for somebody else. Null when
 * nothing is to be had. Call `expire` before.
 */
export function lease(
  ledger: Ledger,
  request: LeaseRequest,
): Extract<LedgerEvent, { type: 'leased' }> | null {
  const { volunteerId, deviceId } = request;
  const untilMs = request.nowMs + request.leaseMs;
  const on = ({ unit, first, count }: Pick<Unit, 'unit' | 'first' | 'count'>) =>
    ({ type: 'leased', unit, first, count, volunteerId, deviceId, untilMs }) as const;
  const held = heldBy(ledger, deviceId);
  if (held) return on(held);
  let tried: Unit | null = null;
  for (const unit of ledger.open.values()) {
    if (isLeased(unit)) continue;
    const own = unit.attempts.find((a) => a.volunteerId === volunteerId);
    if (!own) return on(unit);
    if (own.faults < LIMITS.faultsPerAttemptMax) tried ??= unit;
  }
  const fresh = ledger.cursor < ledger.runs && ledger.open.size < LIMITS.openUnitsPerSweepMax;
  if (fresh) {
    const count = Math.max(1, Math.min(request.unitSize(ledger.cursor), ledger.runs - ledger.cursor));
    return on({ unit: ledger.nextUnit, first: ledger.cursor, count });
  }
  return tried && on(tried);
}

const liveAttempt = (unit: Unit | undefined, deviceId: string): Attempt | undefined =>
  unit?.attempts.find((a) => a.deviceId === deviceId && a.verdict === 'running');

/** Prolongs a live lease. Null when the device has none on the unit. */
export function extend(ledger: Ledger, unit: number, deviceId: string, untilMs: number): LedgerEvent | null {
  const attempt = liveAttempt(ledger.open.get(unit), deviceId);
  return attempt ? { type: 'extended', unit, volunteerId: attempt.volunteerId, untilMs } : null;
}

/** Ends a device's lease before its time. Without a live lease there is nothing to do. */
export function handBack(
  ledger: Ledger,
  unit: number,
  deviceId: string,
  { ending, reason }: { ending: Ending; reason: string },
): LedgerEvent[] {
  const open = ledger.open.get(unit);
  const attempt = liveAttempt(open, deviceId);
  return open && attempt ? endLease(open, attempt, ending, reason) : [];
}

export interface Submission {
  unit: number;
  run: number;
  volunteerId: string;
  credit: number;
}

export type Submitted =
  /** Counted now, or counted before from the same volunteer: repeating is safe. */
  | { verdict: 'accepted' | 'unneeded'; events: LedgerEvent[] }
  | { verdict: 'refused'; code: 'no-such-lease' | 'run-not-in-unit'; events: [] };

/**
 * Decides about the result of one run. Being late is no reason to refuse: whoever held a lease on the unit may
 * finish it. Only the first result of a run counts. `acceptedFrom` tells whose result a done run has.
 */
export function submit(
  ledger: Ledger,
  s: Submission,
  acceptedFrom: (run: number) => string | null,
): Submitted {
  const { unit, run, volunteerId } = s;
  const open = ledger.open.get(unit);
  const known = open ?? ledger.failed.get(unit);
  if (known && (run < known.first || run >= known.first + known.count)) {
    return { verdict: 'refused', code: 'run-not-in-unit', events: [] };
  }
  if (isDone(ledger, run)) {
    return { verdict: acceptedFrom(run) === volunteerId ? 'accepted' : 'unneeded', events: [] };
  }
  if (known && !open) return { verdict: 'unneeded', events: [] };
  if (!open?.attempts.some((a) => a.volunteerId === volunteerId)) {
    return { verdict: 'refused', code: 'no-such-lease', events: [] };
  }
  return { verdict: 'accepted', events: [{ type: 'accepted', unit, run, volunteerId, credit: s.credit }] };
}

/** Changes the ledger by one event, in place. Events come from the decisions above, or from the log they were written to. */
export function apply(ledger: Ledger, event: LedgerEvent): void {
  if (event.type === 'leased') return applyLease(ledger, event);
  const unit = ledger.open.get(event.unit);
  if (!unit) throw new Error(`${event.type} for unit ${event.unit}, which is not open`);
  if (event.type === 'failed') {
    const { first, count } = unit;
    ledger.failed.set(event.unit, { first, count, reason: unit.reason ?? 'no reason given' });
    ledger.open.delete(event.unit);
  } else if (event.type === 'accepted') applyAccepted(ledger, unit, event);
  else {
    const attempt = unit.attempts.find((a) => a.volunteerId === event.volunteerId);
    if (!attempt) throw new Error(`${event.type} without an attempt on unit ${event.unit}`);
    if (event.type === 'extended') attempt.expiresAtMs = event.untilMs;
    if (event.type === 'ended') {
      attempt.verdict = 'expired';
      attempt.gaveUp ||= event.ending !== 'handed-back';
      if (event.ending === 'fault') attempt.faults++;
      unit.reason = event.reason;
    }
  }
}

/** One person's closed tabs never fail a unit: it takes as many different volunteers. */
function endLease(unit: Unit, attempt: Attempt, ending: Ending, reason: string): LedgerEvent[] {
  const { volunteerId } = attempt;
  const ended: LedgerEvent = { type: 'ended', unit: unit.unit, volunteerId, ending, reason };
  const others = unit.attempts.filter((a) => a.gaveUp && a.volunteerId !== volunteerId).length;
  const isLast = ending !== 'handed-back' && others + 1 >= LIMITS.attemptsPerUnitMax;
  return isLast ? [ended, { type: 'failed', unit: unit.unit }] : [ended];
}

function applyLease(ledger: Ledger, event: Extract<LedgerEvent, { type: 'leased' }>): void {
  const { volunteerId, deviceId, untilMs, first, count } = event;
  let unit = ledger.open.get(event.unit);
  if (!unit) {
    unit = {
      unit: event.unit,
      first,
      count,
      attempts: [],
      acceptedFrom: new Map(),
      reason: null,
    };
    ledger.open.set(event.unit, unit);
    ledger.nextUnit = event.unit + 1;
    ledger.cursor = first + count;
  }
  const before = unit.attempts.find((a) => a.volunteerId === volunteerId);
  const { faults, gaveUp } = before ?? { faults: 0, gaveUp: false };
  unit.attempts = [
    ...unit.attempts.filter((a) => a !== before),
    { volunteerId, deviceId, expiresAtMs: untilMs, verdict: 'running', faults, gaveUp },
  ];
}

function applyAccepted(ledger: Ledger, unit: Unit, event: Extract<LedgerEvent, { type: 'accepted' }>): void {
  const { run, volunteerId, credit } = event;
  if (isDone(ledger, run)) throw new Error(`run ${run} accepted twice`);
  ledger.done[run >> 3] = (ledger.done[run >> 3] as number) | (1 << (run & 7));
  ledger.doneRuns++;
  unit.acceptedFrom.set(run, volunteerId);
  for (const attempt of unit.attempts) Object.assign(attempt, { faults: 0, gaveUp: false });
  const sum = ledger.contributions.get(volunteerId) ?? { runs: 0, credit: 0 };
  ledger.contributions.set(volunteerId, { runs: sum.runs + 1, credit: sum.credit + credit });
  if (unit.acceptedFrom.size === unit.count) {
    ledger.acceptedUnits++;
    ledger.open.delete(unit.unit);
  }
}
