// Bugs on purpose. Each must be found by the worlds or by the enumeration; one that is not says what the tests miss.

import { type Planted, plantedInWorker } from './planted-worker.ts';

export type { Planted } from './planted-worker.ts';

const ledger = 'shared/ledger.ts';
const unit = 'shared/unit.ts';
const waiting = 'shared/waiting.ts';

export const planted: Planted[] = [
  // The ledger
  {
    name: 'a lease that ended is not offered to anybody',
    file: ledger,
    from: 'release(ledger.index, attempt, unit.unit);\n  ledger.index.free.add(unit.unit);',
    to: 'release(ledger.index, attempt, unit.unit);',
  },
  {
    name: 'a leased unit stays on offer',
    file: ledger,
    from: 'ledger.index.free.delete(unit.unit);\n  ledger.index.nextExpiryMs',
    to: 'ledger.index.nextExpiryMs',
  },
  {
    name: 'no lease ever runs out',
    file: ledger,
    from: 'ledger.index.nextExpiryMs = Math.min(ledger.index.nextExpiryMs, untilMs);',
    to: '',
  },
  {
    name: 'only one run in eight is known to be done',
    file: ledger,
    from: '| (1 << (run & 7));',
    to: ';',
  },
  {
    name: 'a rewound run goes on from its old checkpoint',
    file: ledger,
    from: 'progress.since = progress.segments.length;',
    to: '',
  },
  {
    name: 'segments of a rewound run lose their credit',
    file: ledger,
    from: 'progress.since = progress.segments.length;',
    to: 'progress.segments = [];',
  },
  {
    name: 'a failed unit forgets its segments',
    file: ledger,
    from: '{ ...unit, isCancelled: event.isCancelled === true }',
    to: '{ ...unit, progress: new Map(), isCancelled: event.isCancelled === true }',
  },
  {
    name: 'a unit opened again refuses those who held it',
    file: ledger,
    from: 'ledger.open.set(number, unit);',
    to: 'ledger.open.set(number, { ...unit, attempts: [] });',
  },
  {
    name: 'a unit opened again is offered to nobody',
    file: ledger,
    from: 'ledger.index.free.add(number);\n  ledger.reopened++;',
    to: 'ledger.reopened++;',
  },
  {
    name: 'a segment earns nothing',
    file: ledger,
    from: 'grant(ledger, event, 0);',
    to: '',
  },
  {
    name: 'a sweep that grew forgets what is done',
    file: ledger,
    from: 'done.set(ledger.done);',
    to: '',
  },
  {
    name: 'after a restart nobody holds a lease',
    file: ledger,
    from: 'if (!live) index.free.add(unit.unit);\n    else {',
    to: 'index.free.add(unit.unit);\n    if (live && unit.unit < 0) {',
  },
  {
    name: 'after a restart leases do not run out',
    file: ledger,
    from: 'index.nextExpiryMs = Math.min(index.nextExpiryMs, live.expiresAtMs);',
    to: '',
  },
  // The life of a unit
  {
    name: 'a device that asks again gets a second unit',
    file: unit,
    from: 'if (held) return on(held);',
    to: '',
  },
  {
    name: 'a paused sweep hands out work',
    file: unit,
    from: "if (ledger.mode !== 'running') return null;",
    to: '',
  },
  {
    name: 'whoever tried a unit never gets it again',
    file: unit,
    from: 'return tried && on(tried);',
    to: 'return null;',
  },
  {
    name: 'an old client is given a run to go on with',
    file: unit,
    from: 'if (!request.continues && unit.progress.size > 0) continue;',
    to: '',
  },
  {
    name: 'a late result is refused once its lease is over',
    file: unit,
    from: 'if (!open.attempts.some((a) => a.volunteerId === volunteerId))',
    to: "if (!open.attempts.some((a) => a.volunteerId === volunteerId && a.verdict === 'running'))",
  },
  {
    name: 'a segment counts wherever it begins',
    file: unit,
    from: 'if (from === stepOf(open, run)) return',
    to: 'if (from >= 0) return',
  },
  {
    name: 'everybody is told that a done run was theirs',
    file: unit,
    from: 'return judged(isLastSegment || (record?.earlier.some(isSame) ?? false));',
    to: 'return judged(true);',
  },
  {
    name: 'a failed unit takes results',
    file: unit,
    from: 'if (failed) return judged(segmentsOf(failed).some((one) => one.run === run && isSame(one)));',
    to: "if (failed) return { verdict: 'accepted', counts: false };",
  },
  {
    name: 'a lease that ran out is kept',
    file: unit,
    from: 'if (attempt.expiresAtMs <= nowMs)',
    to: 'if (attempt.expiresAtMs < 0)',
  },
  {
    name: 'the end of the first lease hides the others',
    file: unit,
    from: 'if (events.length === 0) index.nextExpiryMs = nextExpiryMs;',
    to: 'index.nextExpiryMs = Number.POSITIVE_INFINITY;',
  },
  {
    name: 'cancelling leaves what nobody works on open',
    file: unit,
    from: "const units = mode === 'cancelled' ? [...ledger.index.free] : [];",
    to: 'const units: number[] = [];',
  },
  {
    name: 'a cancelled unit whose lease ends stays open',
    file: unit,
    from: "if (mode === 'cancelled') return [ended,",
    to: "if (mode === 'paused') return [ended,",
  },
  {
    name: 'a dispute during a cancellation starts the run anew',
    file: unit,
    from: "if (nothingToDispute || ledger.mode === 'cancelled')",
    to: 'if (nothingToDispute)',
  },
  {
    name: 'a useless checkpoint is never given up',
    file: unit,
    from: 'if (!why.proven && others + 1 < LIMITS.disputesMax) return',
    to: 'if (others + 1 < 99) return',
  },
  // Runs that wait for others
  {
    name: 'a run is leased before what it needs is accepted',
    file: waiting,
    from: 'isDone(ledger, parent) && !ledger.barren.has(parent)',
    to: '!ledger.barren.has(parent)',
  },
  {
    name: 'a run is leased although what it needs was never made',
    file: waiting,
    from: 'isDone(ledger, parent) && !ledger.barren.has(parent)',
    to: 'isDone(ledger, parent)',
  },
  {
    name: 'nobody comes back to the runs that were passed over',
    file: waiting,
    from: 'for (const run of skipped) if (isNext(run)) return run;',
    to: '',
  },
  {
    name: 'who had to wait once waits for ever',
    file: waiting,
    from: 'if (index.allWaitAt === ledger.doneRuns) return null;',
    to: 'if (index.allWaitAt >= 0) return null;',
  },
  {
    name: 'a run that was passed over is not noted',
    file: ledger,
    from: 'ledger.skipped.add(ledger.cursor);',
    to: '{}',
  },
  ...plantedInWorker,
];
