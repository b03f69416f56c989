// What the dispatcher decides about one result, between two moments of waiting: reads memory, returns a log entry.

import { hex } from '../../shared/bytes.ts';
import { type Curve, curveUpTo, decodeCurve, encodeCurve } from '../../shared/curve.ts';
import type { Progress, Segment } from '../../shared/ledger.ts';
import { LIMITS } from '../../shared/limits.ts';
import { milestones } from '../../shared/measures/milestones.ts';
import type { ErrorCode } from '../../shared/protocol.ts';
import { isExact, isSeamless, segmentCredit, segmentStepsMin } from '../../shared/seam.ts';
import { sha256 } from '../../shared/sha256.ts';
import type { Timeline } from '../../shared/spec/timeline.ts';
import { submit } from '../../shared/unit.ts';
import type { ExchangeReply, FinishedRun } from '../../shared/work.ts';
import type { Entry } from './record.ts';
import type { SweepState } from './state.ts';

/** A result as it arrived, with the digest of its curve's bytes. `unit` and `run` count within the sweep. */
export interface Offer extends Omit<FinishedRun, 'sweepId' | 'curve'> {
  curve: Uint8Array;
  digest: string;
  /** Whether the state it names is stored. */
  isStateStored: boolean;
  /** Whether the snapshots it names are. */
  areSnapshotsStored?: boolean;
  /** Which of them cannot be one of such a run, and why. */
  wrongSnapshot?: string | null;
}

export type Verdict = Omit<ExchangeReply['verdicts'][number], 'sweepId' | 'run' | 'to'>;

/** Ends the words of a refusal that is none for good: what is missing can be stored, and the result sent again. */
export const SEND_FIRST = 'Send it first.';

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
  const { run, from, to, curve, digest } = offer;
  const { ledger } = state;
  const [local, unit] = [state.localRun(run), state.localUnit(offer.unit)];
  if (local === null || unit === null) return refused('run-not-in-unit', WORDS['run-not-in-unit']);
  const { config, cost, timeline } = state.sized(run);
  const { lastStep } = timeline;
  if (from >= to || to > lastStep)
    return refused(
      'bad-result',
      `Run ${run} has steps 0 to ${lastStep}; it cannot go from ${from} to ${to}.`,
    );
  const isLast = to === lastStep;
  const submission = { unit, run: local, volunteerId, from, to, isLast, digest };
  const submitted = submit(ledger, submission, (one) => state.record(one));
  if (submitted.verdict === 'refused') return refused(submitted.code, WORDS[submitted.code]);
  const verdict: Verdict = { verdict: submitted.verdict, code: null, message: null };
  if (!submitted.counts) return { verdict, entry: null };
  const read = decodeCurve(curve, timeline, to);
  if (!read.ok) return refused('bad-result', `The curve of run ${run} was not taken: ${read.wrong}.`);
  const progress = ledger.open.get(unit)?.progress.get(local) ?? null;
  const earlier: Segment[] = progress?.segments ?? [];
  const wrongStart = progress && wrongSeam(offer, progress, read.curve);
  if (wrongStart) return refused('bad-result', wrongStart);
  // After a run began anew, nobody is paid twice for the same steps of it.
  const paidUpTo = Math.max(
    0,
    ...earlier.filter((one) => one.volunteerId === volunteerId).map((one) => one.to),
  );
  const credit = segmentCredit(cost.credit, lastStep, Math.max(from, Math.min(paidUpTo, to)), to);
  if (!isLast) {
    const wrong = wrongHandover(offer, timeline);
    if (wrong) return refused(wrong.code, wrong.message);
    const { elapsedMs, checkpoint, end } = offer;
    const segment = { volunteerId, from, to, digest, credit, engine: engineOf(offer), elapsedMs };
    const place = { unit, run: local, checkpoint: checkpoint as string, end: end as number[] };
    return {
      verdict,
      entry: { event: { type: 'advanced', ...place, ...segment, atMs: nowMs }, result: null },
    };
  }
  const published = publishedWith(offer, state.kinship.publishedBy(run), read.curve.divergedAt !== null);
  if ('code' in published) return refused(published.code, published.message);
  const { snapshots, isBarren } = published;
  const { engine, engineVersion, weightsDigest } = offer;
  const record = {
    ...{ run: local, unit, volunteerId, digest, credit, earlier, engine, engineVersion, weightsDigest },
    elapsedMs: earlier.reduce((sum, one) => sum + one.elapsedMs, offer.elapsedMs),
    milestones: milestones(read.curve, config.threshold, timeline),
    finishedAtMs: nowMs,
    place: { in: 'log', number: 0, offset: 0, bytes: curve.length } as const,
    ...(snapshots && { snapshots }),
    ...(from !== (earlier.at(-1)?.to ?? 0) && { from }),
  };
  const event = { type: 'accepted', unit, run: local, volunteerId, credit, atMs: nowMs } as const;
  const told = isBarren ? ({ ...event, isBarren } as const) : event;
  return { verdict, entry: { event: told, result: { record, curve } } };
}

/** Why a segment does not go on from what was accepted before it. */
function wrongSeam(offer: Offer, { segments, end }: Progress, curve: Curve): string | null {
  const { run, from, start } = offer;
  if (from === 0) return null;
  const before = segments.at(-1) as Segment;
  if (hex(sha256(encodeCurve(curveUpTo(curve, from)))) !== before.digest)
    return `The curve of run ${run} does not go on from what was accepted up to step ${from}.`;
  const exact = isExact(before.engine, engineOf(offer));
  return isSeamless(end, start ?? [], exact)
    ? null
    : `The first point of run ${run}, at step ${from}, is not the last point of what it goes on from.`;
}

interface Wrong {
  code: ErrorCode;
  message: string;
}

/** What a finished run leaves to others. One that diverged may lack some of it; then nobody can go on from it. */
function publishedWith(
  { run, snapshots: given = {}, areSnapshotsStored, wrongSnapshot }: Offer,
  names: readonly string[],
  hasDiverged: boolean,
): Wrong | { snapshots: Record<string, string> | null; isBarren: boolean } {
  const kept = names.flatMap((name) => (Object.hasOwn(given, name) ? [[name, given[name] as string]] : []));
  const missing = names.filter((name) => !Object.hasOwn(given, name));
  if (missing.length > 0 && !hasDiverged)
    return {
      code: 'bad-result',
      message: `Run ${run} must bring its snapshot "${missing[0]}", which other runs go on from.`,
    };
  if (kept.length > 0 && !areSnapshotsStored)
    return { code: 'bad-checkpoint', message: `A snapshot of run ${run} is not stored. ${SEND_FIRST}` };
  if (kept.length > 0 && wrongSnapshot)
    return { code: 'bad-checkpoint', message: `Run ${run} leaves nothing to others with ${wrongSnapshot}.` };
  return {
    snapshots: kept.length > 0 ? Object.fromEntries(kept) : null,
    isBarren: missing.length > 0,
  };
}

const engineOf = ({ engine, engineVersion }: Offer): string => `${engine} ${engineVersion}`;

/** Why a segment that is not the last cannot be gone on from. */
function wrongHandover(
  { run, from, to, end, checkpoint, isStateStored }: Offer,
  { lastStep }: Timeline,
): Wrong | null {
  const least = segmentStepsMin(lastStep, LIMITS.segmentsPerRunMax);
  if (to - from < least)
    return {
      code: 'bad-result',
      message: `A segment of run ${run} has at least ${least} steps, not ${to - from}.`,
    };
  if (!end || !checkpoint)
    return {
      code: 'bad-result',
      message: `Run ${run} ends at step ${lastStep}: up to ${to}, end and checkpoint are needed.`,
    };
  return isStateStored
    ? null
    : {
        code: 'bad-checkpoint',
        message: `The state of run ${run} at step ${to} is not stored. ${SEND_FIRST}`,
      };
}

const WORDS = {
  'no-such-lease': 'This volunteer never held a lease on that unit.',
  'run-not-in-unit': 'That run does not belong to that unit.',
} as const;
