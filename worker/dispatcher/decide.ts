// What the dispatcher decides about one request, between two moments of waiting: reads memory, returns log entries.

import { decodeCurve } from '../../shared/curve.ts';
import { LIMITS } from '../../shared/limits.ts';
import { milestones } from '../../shared/measures/milestones.ts';
import type { ErrorCode, ExchangeReply, FinishedRun } from '../../shared/protocol.ts';
import { runCost } from '../../shared/spec/cost.ts';
import { runAt, type Sweep } from '../../shared/spec/sweep.ts';
import { submit } from '../../shared/unit.ts';
import type { Entry } from './record.ts';
import type { SweepState } from './state.ts';

/** A result as it arrived, with the digest of its bytes. */
export interface Offer extends Omit<FinishedRun, 'sweepId' | 'curve'> {
  curve: Uint8Array;
  digest: string;
}

export type Verdict = Omit<ExchangeReply['verdicts'][number], 'sweepId' | 'run'>;

const refused = (code: ErrorCode, message: string) => ({
  verdict: { verdict: 'refused', code, message } as const,
  entry: null,
});

/** Judges one result. The same result from the same volunteer gets the same answer however often it comes. */
export function judge(
  state: SweepState,
  volunteerId: string,
  offer: Offer,
  nowMs: number,
): { verdict: Verdict; entry: Entry | null } {
  const { unit, run, curve, digest } = offer;
  const { ledger, sweep } = state;
  if (run >= sweep.runs) return refused('run-not-in-unit', `The sweep has no run ${run}.`);
  const { config } = runAt(sweep, run);
  const { credit } = runCost(config);
  const acceptedFrom = () => {
    const record = state.record(run);
    return record?.digest === digest ? record.volunteerId : null;
  };
  const submitted = submit(ledger, { unit, run, volunteerId, credit }, acceptedFrom);
  if (submitted.verdict === 'refused') return refused(submitted.code, WORDS[submitted.code]);
  const verdict: Verdict = { verdict: submitted.verdict, code: null, message: null };
  const [event] = submitted.events;
  if (!event) return { verdict, entry: null };
  const decoded = decodeCurve(curve, config.train.steps);
  if (!decoded.ok) return refused('bad-result', `The curve of run ${run} was not taken: ${decoded.wrong}.`);
  const { engine, engineVersion, elapsedMs, weightsDigest } = offer;
  const record = {
    ...{ run, unit, volunteerId, digest, credit, engine, engineVersion, elapsedMs, weightsDigest },
    milestones: milestones(decoded.curve, config.threshold),
    finishedAtMs: nowMs,
    place: { in: 'log', number: 0, offset: 0, bytes: curve.length } as const,
  };
  return { verdict, entry: { event, result: { record: { ...record }, curve } } };
}

const WORDS = {
  'no-such-lease': 'This volunteer never held a lease on that unit.',
  'run-not-in-unit': 'That run does not belong to that unit.',
} as const;

/**
 * How many runs from `first` on a device of that speed gets at once: about a minute's work. They may differ in
 * whatever is searched over; the device trains those of one shape together.
 */
export function unitSize(sweep: Sweep, first: number, flopsPerSecond: number): number {
  const most = Math.min(LIMITS.runsPerUnitMax, sweep.runs - first);
  let left = (flopsPerSecond * LIMITS.unitTargetMs) / 1000;
  let size = 0;
  for (; size < most; size++) {
    left -= runCost(runAt(sweep, first + size).config).flops;
    if (size > 0 && left < 0) break;
  }
  return size;
}
