/**
 * The steps at which a run is evaluated: every step from 0 to 20, then at least 40 per decade, and the last step.
 * Whole-number arithmetic only, and independent of the last step but for its end, so that the steps of different
 * runs always align.
 */
export function evaluationSteps(lastStep: number): number[] {
  const steps: number[] = [];
  // 1 + 1/17 is below the fortieth root of ten.
  for (let step = 0; step < lastStep; step += step < 20 ? 1 : Math.max(1, Math.floor(step / 17)))
    steps.push(step);
  steps.push(lastStep);
  return steps;
}
