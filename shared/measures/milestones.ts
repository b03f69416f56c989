import type { Curve } from '../curve.ts';

/** Consecutive evaluations that must reach the threshold before a milestone counts. */
export const SUSTAINED_EVALUATIONS = 3;

/** What a curve says about memorising and generalising; steps, null while never. */
export interface Milestones {
  tMem: number | null;
  tGen: number | null;
  /** tGen / tMem; null unless both are reached and tMem is not 0. */
  tau: number | null;
  /** The last evaluated step of a run that did not generalise and did not diverge: tGen is later than this. */
  censoredAt: number | null;
  divergedAt: number | null;
  finalTrainAccuracy: number | null;
  finalTestAccuracy: number | null;
}

/**
 * First step at which the values reach the threshold and stay there for `SUSTAINED_EVALUATIONS` evaluations in a
 * row. A value equal to the threshold reaches it; a run that ends before the row is full does not.
 */
export function firstSustained(
  steps: readonly number[],
  values: ArrayLike<number>,
  threshold: number,
): number | null {
  let streak = 0;
  for (let i = 0; i < steps.length; i++) {
    // Accuracies are float32: 0.95 must not be missed because its nearest float32 lies below it.
    streak = (values[i] as number) >= Math.fround(threshold) ? streak + 1 : 0;
    if (streak === SUSTAINED_EVALUATIONS) return steps[i - SUSTAINED_EVALUATIONS + 1] as number;
  }
  return null;
}

/** tMem, tGen and tau of a curve at any threshold: grokking is tGen much later than tMem (Power et al. 2022). */
export function milestones({ steps, channels, divergedAt }: Curve, threshold: number): Milestones {
  const tMem = firstSustained(steps, channels['train.accuracy'], threshold);
  const tGen = firstSustained(steps, channels['test.accuracy'], threshold);
  return {
    tMem,
    tGen,
    tau: tGen !== null && tMem !== null && tMem > 0 ? tGen / tMem : null,
    censoredAt: tGen === null && divergedAt === null ? (steps.at(-1) ?? null) : null,
    divergedAt,
    finalTrainAccuracy: channels['train.accuracy'].at(-1) ?? null,
    finalTestAccuracy: channels['test.accuracy'].at(-1) ?? null,
  };
}
