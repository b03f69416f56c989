// How near an engine comes to what its device could do at most: the roofline of Williams, Waterman and Patterson,
// "Roofline: an insightful visual performance model for multicore architectures" (2009).

import type { Peaks } from '../../shared/engine/engine.ts';

/** Measured peaks of a device, and what a step of one run of a network asks of it. */
export interface Roof extends Peaks {
  /** Of its matrix products, as the engine computes them. */
  flopsPerStep: number;
  /** The least there is to read and write: weights, the optimiser's state and a batch, each once. */
  bytesPerStep: number;
}

export interface Ceiling {
  /** Most operations per second for the network. */
  flopsPerSecond: number;
  bound: 'compute' | 'memory';
}

export function ceilingOf({ flopsPerSecond, bytesPerSecond, flopsPerStep, bytesPerStep }: Roof): Ceiling {
  const fed = (flopsPerStep / bytesPerStep) * bytesPerSecond;
  return fed < flopsPerSecond
    ? { flopsPerSecond: fed, bound: 'memory' }
    : { flopsPerSecond, bound: 'compute' };
}

/** The share of the ceiling that runs reach which take so long per step; more than 1 where it was measured too low. */
export const shareOf = (roof: Roof, msPerStep: number): number =>
  roof.flopsPerStep / (msPerStep / 1000) / ceilingOf(roof).flopsPerSecond;
