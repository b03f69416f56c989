// A run that somebody's device trains at this moment, found by asking the server; looked for only where there are such devices.

import type { CurveReply, SweepReply, SweepSummary } from '../../../shared/protocol.ts';
import { getSweepRuns, getSweeps } from '../../api.ts';

export interface LiveElsewhere {
  sweep: SweepReply['sweep'];
  curve: CurveReply;
}

/** Sweeps that are looked through, and runs of each. */
const SWEEPS_MAX = 3;
const RUNS_MAX = 1000;
/** A curve of fewer points is nothing to look at. */
const POINTS_MIN = 5;

/** Goes on with the run that was found before while it is told of, else looks for another; null where none is found. */
export async function findLive(
  signal: AbortSignal,
  before: LiveElsewhere | null,
): Promise<LiveElsewhere | null> {
  const again = before && (await liveOf(before.sweep.id, before.curve.run, signal));
  if (again) return again;
  const { sweeps } = await getSweeps(signal);
  for (const { id } of sweeps.filter(isOpen).slice(0, SWEEPS_MAX)) {
    const { runs } = await getSweepRuns(id, { from: 0, count: RUNS_MAX, curves: false }, signal);
    const training = runs.filter(({ state }) => state === 'training');
    const first = training[0] && (await liveOf(id, training[0].index, signal));
    if (first) return first;
  }
  return null;
}

const isOpen = ({ mode, finishedRuns, failedRuns, runs }: SweepSummary) =>
  mode === 'running' && finishedRuns + failedRuns < runs;

async function liveOf(id: string, run: number, signal: AbortSignal): Promise<LiveElsewhere | null> {
  const { sweep, runs, live } = await getSweepRuns(id, { from: run, count: 1, curves: true }, signal);
  const [curve] = live;
  const isTraining = runs[0]?.state === 'training';
  const isShown = isTraining && curve && curve.steps.length >= POINTS_MIN && isWhole(curve.steps);
  return isShown ? { sweep, curve } : null;
}

/** Fast devices tell of a part of their points only: across what they left out there is nothing to draw, or to read off. */
const isWhole = (steps: readonly number[]): boolean =>
  steps[0] === 0 && steps.every((step, i) => step <= 1.5 * (steps[i - 1] ?? 0) + 10);
