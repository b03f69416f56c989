// Steps on a logarithmic axis. Step 0, the untrained network, has no logarithm: it stands apart at the left.

/** Where step 0 stands, in decades left of step 1. */
const ZERO_GAP = 0.45;

/** Position of a step in decades: log10, and a place of its own for step 0. */
export const position = (step: number): number => (step < 1 ? ZERO_GAP * (step - 1) : Math.log10(step));

/** The step at a position; inverse of `position`. */
export const stepAt = (x: number): number => (x < 0 ? Math.max(0, 1 + x / ZERO_GAP) : 10 ** x);

export interface Tick {
  step: number;
  /** Empty for a small tick. */
  label: string;
}

const words = new Intl.NumberFormat('en', { notation: 'compact' });
const label = (step: number) => (step < 10_000 ? String(step) : words.format(step));

/** Generous width of a character of a label, and the gap between two labels. */
const CHARACTER_PX = 7.5;
const GAP_PX = 8;

/**
 * Ticks from step 0 to the last step on an axis so many pixels wide: a label at 0, at each decade and at the last step;
 * small ticks between. A decade whose label would touch the last one keeps its tick and loses its label.
 */
export function logTicks(lastStep: number, widthPx: number): Tick[] {
  const pixelsPerDecade = widthPx / (position(lastStep) - position(0));
  const touchesLast = (step: number) => {
    const apart = pixelsPerDecade * (position(lastStep) - position(step));
    // The last label may be pushed to the left, into the figure.
    return apart < CHARACTER_PX * (label(step).length / 2 + label(lastStep).length) + GAP_PX;
  };
  const ticks: Tick[] = [{ step: 0, label: '0' }];
  for (let decade = 1; decade <= lastStep; decade *= 10) {
    for (let digit = 1; digit <= 9 && digit * decade <= lastStep; digit++) {
      const step = digit * decade;
      const isNearEnd = step !== lastStep && touchesLast(step);
      ticks.push({ step, label: digit === 1 && !isNearEnd ? label(step) : '' });
    }
  }
  const last = ticks.at(-1) as Tick;
  if (last.step === lastStep) last.label = label(lastStep);
  else ticks.push({ step: lastStep, label: label(lastStep) });
  return ticks;
}

/** Index of the step nearest to `step`; the steps ascend. */
export function nearestIndex(steps: readonly number[], step: number): number {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] as number) < step) low = middle + 1;
    else high = middle;
  }
  const [here, before] = [steps[low], steps[low - 1]];
  if (here === undefined || before === undefined) return low;
  return position(step) - position(before) < position(here) - position(step) ? low - 1 : low;
}
