// How much work a device gets: about two minutes' worth, by the speed it was seen to have rather than the one it claims.

import { LIMITS } from '../../shared/limits.ts';
import { segmentStepsMin } from '../../shared/seam.ts';
import type { RunCost } from '../../shared/spec/cost.ts';

/** What a device says of itself. */
export interface Ask {
  flopsPerSecond: number;
  /** Runs it trains at once. */
  replicas: number;
  /** Whether it can go on from a state, and leave one. */
  continues: boolean;
}

/** Floating-point operations per second to count on; `observed` is null before the first delivery. */
export const believedRate = (claimed: number, observed: number | null): number =>
  Math.min(
    claimed,
    observed === null ? LIMITS.unprovenFlopsPerSecond : LIMITS.claimOverObservedMax * observed,
  );

/** A run as sizing looks at it. */
export interface Sized {
  cost: RunCost;
  lastStep: number;
  /** Bytes of its state, to be handed over. */
  stateBytes: number;
  shape: string;
}

/** Of what a device does in the time of one unit. */
const budget = (flopsPerSecond: number): number => (flopsPerSecond * LIMITS.unitTargetMs) / 1000;

/**
 * How many runs from the first on make a unit: as many as fit into the time, at least one. Long runs that can be
 * handed over come as many at once as the device trains together.
 */
export function unitSize(
  runs: number,
  runAt: (i: number) => Sized,
  { flopsPerSecond, replicas, continues }: Ask,
): number {
  const most = Math.min(LIMITS.runsPerUnitMax, runs);
  const { shape, lastStep, stateBytes } = runAt(0);
  const together = continues && isHandedOver({ lastStep, stateBytes }) ? Math.min(replicas, most) : 1;
  let left = budget(flopsPerSecond);
  let size = 0;
  for (; size < most; size++) {
    const run = runAt(size);
    left -= run.cost.flops;
    if (size > 0 && left < 0 && (size >= together || run.shape !== shape)) break;
  }
  return size;
}

const isHandedOver = ({ lastStep, stateBytes }: Pick<Sized, 'lastStep' | 'stateBytes'>): boolean =>
  lastStep > 1 && stateBytes <= LIMITS.runStateBytesMax;

/** A rest shorter than this share of a segment is done with it. */
const TAIL = 0.5;

/** Steps after which a device hands in the state of the runs it was leased; the rest of the longest where it need not. */
export function segmentSteps(
  runs: readonly (Sized & { from: number })[],
  { flopsPerSecond, continues }: Pick<Ask, 'flopsPerSecond' | 'continues'>,
): number {
  const longest = Math.max(...runs.map(({ lastStep, from }) => lastStep - from));
  if (!continues || !runs.every(isHandedOver)) return longest;
  const perStep = runs.reduce((sum, { cost }) => sum + cost.flopsPerStep, 0);
  const least = Math.max(...runs.map(({ lastStep }) => segmentStepsMin(lastStep, LIMITS.segmentsPerRunMax)));
  const fitting = Math.max(least, Math.floor(budget(flopsPerSecond) / perStep));
  return longest <= fitting * (1 + TAIL) ? longest : fitting;
}
