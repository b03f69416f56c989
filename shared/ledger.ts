// The ledger of one stripe of a sweep: who holds, tried and finished what. `apply` is the only thing that changes it,
// one event at a time; replaying the events gives the same ledger, so the log of events is the truth.

import { type DayOfWork, withWork } from './days.ts';
import type { EventOf, LedgerEvent } from './ledger-events.ts';
import { LIMITS } from './limits.ts';

export type { EventOf, LedgerEvent } from './ledger-events.ts';

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
  /** The run whose checkpoint the volunteer found at odds with its curve, since the unit last got on. */
  disputed: number | null;
  /** Steps of all its runs, as the device last reported, and when they last grew. */
  progress: number;
  progressAtMs: number;
  /** When it was leased; after a result, when it would then have run out. */
  sinceMs: number;
  /** For which it last ended. */
  reason: string | null;
}

/** Why a lease ended before its unit; 'disputed' is a fault of what the device was given to go on from. */
export type Ending = 'lapsed' | 'handed-back' | 'fault' | 'disputed';

/** Steps `from` .. `to` of a run, done by one volunteer. */
export interface Segment {
  volunteerId: string;
  from: number;
  to: number;
  /** SHA-256 of the curve up to `to`. */
  digest: string;
  credit: number;
  /** Engine and its version. */
  engine: string;
  elapsedMs: number;
}

/** How far an unfinished run is. */
export interface Progress {
  /** All that were accepted, oldest first. */
  segments: Segment[];
  /** The first of them that counts: those before were made before the run had to begin anew. */
  since: number;
  rewinds: number;
  /** SHA-256 of the state to go on from. */
  checkpoint: string;
  /** Training loss and accuracy, test loss and accuracy at that step. */
  end: readonly number[];
}

/** Runs first, first + stride, ..., `count` of them: leased together, until every one is accepted or the unit failed. */
export interface Unit {
  unit: number;
  first: number;
  count: number;
  /** 1 unless told. */
  stride?: number;
  attempts: Attempt[];
  /** Who the accepted runs came from. */
  acceptedFrom: Map<number, string>;
  /** Unfinished runs of which a segment was accepted. */
  progress: Map<number, Progress>;
  /** The last reason for which a lease on it ended. */
  reason: string | null;
}

/** What was accepted of it keeps its credit. */
export interface FailedUnit extends Unit {
  /** Because the sweep was cancelled, not because anything went wrong. */
  isCancelled: boolean;
}

/** What was accepted of one volunteer: whole runs, and credit for segments too. */
export interface Contribution {
  runs: number;
  credit: number;
  /** Of the newest days; missing before the first of which the time is known. */
  days?: readonly DayOfWork[];
}

/** Handing out work, not doing so for the time being, or never again. */
export type SweepMode = 'running' | 'paused' | 'cancelled';

export interface Ledger {
  runs: number;
  mode: SweepMode;
  /** Every run below it has been leased at least once, or was passed over. */
  cursor: number;
  /** Runs below the cursor that were passed over: some wait for others. */
  skipped: Set<number>;
  /** Done runs that lack a snapshot others were to take: nobody can go on from them. */
  barren: Set<number>;
  nextUnit: number;
  /** Units without an outcome; the others are only counted. */
  open: Map<number, Unit>;
  failed: Map<number, FailedUnit>;
  acceptedUnits: number;
  /** How often a failed unit was opened again. */
  reopened: number;
  /** One bit a run: its result is accepted. */
  done: Uint8Array;
  doneRuns: number;
  contributions: Map<string, Contribution>;
  /** Follows from the rest; never stored. */
  index: LedgerIndex;
}

export interface LedgerIndex {
  /** The unit each device holds. */
  held: Map<string, number>;
  /** Open units without a live lease, those given up first coming first. */
  free: Set<number>;
  /** How many live leases each volunteer has. */
  leases: Map<string, number>;
  /** No live lease ends before. */
  nextExpiryMs: number;
  /** With so many runs done, every run that was never leased had to wait; -1 where that is not known. */
  allWaitAt: number;
}

export const newLedger = (runs: number): Ledger =>
  indexed({
    runs,
    mode: 'running',
    cursor: 0,
    skipped: new Set(),
    barren: new Set(),
    nextUnit: 0,
    open: new Map(),
    failed: new Map(),
    acceptedUnits: 0,
    reopened: 0,
    done: new Uint8Array(Math.ceil(runs / 8)),
    doneRuns: 0,
    contributions: new Map(),
  });

/** A stored ledger with what follows from it. */
export function indexed(stored: Omit<Ledger, 'index'>): Ledger {
  const nextExpiryMs = Number.POSITIVE_INFINITY;
  const index: LedgerIndex = {
    held: new Map(),
    leases: new Map(),
    free: new Set(),
    nextExpiryMs,
    allWaitAt: -1,
  };
  for (const unit of stored.open.values()) {
    const live = unit.attempts.find(({ verdict }) => verdict === 'running');
    if (!live) index.free.add(unit.unit);
    else {
      hold(index, live, unit.unit);
      index.nextExpiryMs = Math.min(index.nextExpiryMs, live.expiresAtMs);
    }
  }
  return { ...stored, index };
}

export const isDone = (ledger: Ledger, run: number): boolean =>
  ((ledger.done[run >> 3] ?? 0) & (1 << (run & 7))) !== 0;

type Extent = Pick<Unit, 'first' | 'count' | 'stride'>;

/** The runs of a unit, ascending. */
export const runsOf = ({ first, count, stride = 1 }: Extent): number[] =>
  Array.from({ length: count }, (_, i) => first + i * stride);

export const isIn = ({ first, count, stride = 1 }: Extent, run: number): boolean =>
  run >= first && run < first + count * stride && (run - first) % stride === 0;

/** The runs of a unit that still lack a result. */
export const missingRuns = (unit: Unit): number[] =>
  runsOf(unit).filter((run) => !unit.acceptedFrom.has(run));

/** The step at which an unfinished run goes on. */
export const stepOf = (unit: Unit, run: number): number => {
  const progress = unit.progress.get(run);
  return progress ? currentStep(progress) : 0;
};

/** Every accepted segment of the unit's unfinished runs. */
export const segmentsOf = ({ progress }: Unit): (Segment & { run: number })[] =>
  [...progress].flatMap(([run, { segments }]) => segments.map((segment) => ({ ...segment, run })));

const currentStep = ({ segments, since }: Progress): number =>
  segments.length > since ? (segments.at(-1) as Segment).to : 0;

/** The unit a device holds a live lease on. */
export function heldBy(ledger: Ledger, deviceId: string): Unit | null {
  const held = ledger.index.held.get(deviceId);
  return held === undefined ? null : (ledger.open.get(held) ?? null);
}

/** Changes the ledger by one event, in place. Throws where the event does not fit: a broken log. */
export function apply(ledger: Ledger, event: LedgerEvent): void {
  if (event.type === 'mode') ledger.mode = event.mode;
  else if (event.type === 'grown') grow(ledger, event.runs);
  else if (event.type === 'leased') applyLease(ledger, event);
  else if (event.type === 'reopened') reopen(ledger, event.unit);
  else {
    const unit = ledger.open.get(event.unit);
    if (!unit) throw new Error(`${event.type} for unit ${event.unit}, which is not open`);
    applyTo(ledger, unit, event);
  }
}

function applyTo(
  ledger: Ledger,
  unit: Unit,
  event: Exclude<LedgerEvent, { type: 'mode' | 'grown' | 'leased' | 'reopened' }>,
): void {
  switch (event.type) {
    case 'failed':
      close(ledger, unit);
      ledger.failed.set(unit.unit, { ...unit, isCancelled: event.isCancelled === true });
      return;
    case 'accepted':
      return applyAccepted(ledger, unit, event);
    case 'advanced':
      return applyAdvanced(ledger, unit, event);
    case 'rewound': {
      const progress = unit.progress.get(event.run);
      if (!progress) throw new Error(`run ${event.run} cannot begin anew: it has not begun`);
      progress.since = progress.segments.length;
      progress.rewinds++;
      unit.reason = event.reason;
      return gotOn(unit);
    }
    case 'extended': {
      const attempt = attemptOf(unit, event);
      attempt.expiresAtMs = event.untilMs;
      if (event.progress > attempt.progress) {
        attempt.progress = event.progress;
        attempt.progressAtMs = event.atMs;
      }
      return;
    }
    case 'ended':
      return applyEnded(ledger, unit, event);
  }
}

function applyEnded(ledger: Ledger, unit: Unit, event: EventOf<'ended'>): void {
  const attempt = attemptOf(unit, event);
  attempt.verdict = 'expired';
  attempt.gaveUp ||= event.ending !== 'handed-back';
  if (event.disputed !== undefined) attempt.disputed = event.disputed;
  if (event.ending === 'fault' || event.ending === 'disputed') attempt.faults++;
  attempt.reason = event.reason;
  unit.reason = event.reason;
  release(ledger.index, attempt, unit.unit);
  ledger.index.free.add(unit.unit);
}

function attemptOf(unit: Unit, { type, volunteerId }: { type: string; volunteerId: string }): Attempt {
  const attempt = unit.attempts.find((a) => a.volunteerId === volunteerId);
  if (!attempt) throw new Error(`${type} without an attempt on unit ${unit.unit}`);
  return attempt;
}

function applyLease(ledger: Ledger, event: EventOf<'leased'>): void {
  const { volunteerId, deviceId, untilMs, atMs } = event;
  const unit = ledger.open.get(event.unit) ?? begin(ledger, event);
  const before = unit.attempts.find((a) => a.volunteerId === volunteerId);
  if (before?.verdict === 'running') release(ledger.index, before, unit.unit);
  const { faults, gaveUp, disputed, reason } = before ?? NEVER_TRIED;
  // A renewed lease of the same device is no progress.
  const isSame = before?.verdict === 'running' && before.deviceId === deviceId;
  const { progress, progressAtMs, sinceMs } = isSame
    ? before
    : { progress: 0, progressAtMs: atMs, sinceMs: atMs };
  const attempt: Attempt = {
    ...{ volunteerId, deviceId, expiresAtMs: untilMs, verdict: 'running', faults, gaveUp, disputed, reason },
    ...{ progress, progressAtMs, sinceMs },
  };
  unit.attempts = [...unit.attempts.filter((a) => a !== before), attempt];
  hold(ledger.index, attempt, unit.unit);
  ledger.index.free.delete(unit.unit);
  ledger.index.nextExpiryMs = Math.min(ledger.index.nextExpiryMs, untilMs);
}

function begin(ledger: Ledger, event: EventOf<'leased'>): Unit {
  const { first, count, stride } = event;
  const unit: Unit = {
    ...{ unit: event.unit, first, count, ...(stride === undefined ? {} : { stride }) },
    ...{ attempts: [], reason: null, acceptedFrom: new Map(), progress: new Map() },
  };
  ledger.open.set(event.unit, unit);
  ledger.nextUnit = event.unit + 1;
  const runs = runsOf(unit);
  const end = (runs.at(-1) as number) + 1;
  for (; ledger.cursor < end; ledger.cursor++) ledger.skipped.add(ledger.cursor);
  for (const run of runs) ledger.skipped.delete(run);
  return unit;
}

const NEVER_TRIED = { faults: 0, gaveUp: false, disputed: null, reason: null };

type Holder = Pick<Attempt, 'volunteerId' | 'deviceId'>;

function hold({ held, leases }: LedgerIndex, { volunteerId, deviceId }: Holder, unit: number): void {
  held.set(deviceId, unit);
  leases.set(volunteerId, (leases.get(volunteerId) ?? 0) + 1);
}

function release({ held, leases }: LedgerIndex, { volunteerId, deviceId }: Holder, unit: number): void {
  if (held.get(deviceId) !== unit) return;
  held.delete(deviceId);
  const left = (leases.get(volunteerId) ?? 0) - 1;
  if (left > 0) leases.set(volunteerId, left);
  else leases.delete(volunteerId);
}

function applyAccepted(ledger: Ledger, unit: Unit, event: EventOf<'accepted'>): void {
  const { run, volunteerId } = event;
  if (isDone(ledger, run)) throw new Error(`run ${run} accepted twice`);
  ledger.done[run >> 3] = (ledger.done[run >> 3] as number) | (1 << (run & 7));
  ledger.doneRuns++;
  if (event.isBarren) ledger.barren.add(run);
  unit.acceptedFrom.set(run, volunteerId);
  unit.progress.delete(run);
  gotOn(unit, volunteerId);
  grant(ledger, event, 1);
  if (unit.acceptedFrom.size < unit.count) return;
  ledger.acceptedUnits++;
  close(ledger, unit);
}

function applyAdvanced(ledger: Ledger, unit: Unit, event: EventOf<'advanced'>): void {
  const { type: _, unit: __, run, checkpoint, end, atMs: ___, ...segment } = event;
  const { from, to, volunteerId } = segment;
  if (from !== stepOf(unit, run) || to <= from || isDone(ledger, run))
    throw new Error(`run ${run} cannot go on from ${from} to ${to}`);
  const before = unit.progress.get(run) ?? { segments: [], since: 0, rewinds: 0 };
  const segments = [...before.segments, segment];
  unit.progress.set(run, { ...before, segments, checkpoint, end });
  gotOn(unit, volunteerId);
  grant(ledger, event, 0);
}

/** What went wrong before says nothing about a unit that gets on. */
function gotOn(unit: Unit, by?: string): void {
  for (const attempt of unit.attempts) {
    Object.assign(attempt, { faults: 0, gaveUp: false, disputed: null });
    if (attempt.volunteerId === by) attempt.sinceMs = attempt.expiresAtMs;
  }
}

type Grant = Pick<EventOf<'accepted' | 'advanced'>, 'volunteerId' | 'credit' | 'atMs'>;

function grant({ contributions }: Ledger, { volunteerId, credit, atMs }: Grant, runs: number): void {
  const before: Contribution = contributions.get(volunteerId) ?? { runs: 0, credit: 0 };
  const days = atMs === undefined ? before.days : withWork(before.days ?? [], atMs, { runs, credit });
  const sums = { runs: before.runs + runs, credit: before.credit + credit };
  contributions.set(volunteerId, days ? { ...sums, days } : sums);
}

function close({ open, index }: Ledger, unit: Unit): void {
  open.delete(unit.unit);
  index.free.delete(unit.unit);
  for (const attempt of unit.attempts) release(index, attempt, unit.unit);
}

/** Everybody may try it again; what was accepted of it stands, and who held it may still deliver. */
function reopen(ledger: Ledger, number: number): void {
  const failed = ledger.failed.get(number);
  if (!failed) throw new Error(`unit ${number} cannot be opened again: it has not failed`);
  const { isCancelled: _, ...unit } = failed;
  ledger.failed.delete(number);
  gotOn(unit);
  ledger.open.set(number, unit);
  ledger.index.free.add(number);
  ledger.reopened++;
}

function grow(ledger: Ledger, runs: number): void {
  if (runs < ledger.runs || runs > LIMITS.runsMax)
    throw new Error(`${ledger.runs} runs cannot become ${runs}`);
  const done = new Uint8Array(Math.ceil(runs / 8));
  done.set(ledger.done);
  Object.assign(ledger, { runs, done });
  ledger.index.allWaitAt = -1;
}
