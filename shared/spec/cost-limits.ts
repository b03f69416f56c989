import { LIMITS } from '../limits.ts';
import { type Axis, valuesToCheck, withValue } from './axes.ts';
import { type RunCost, runCost } from './cost.ts';
import { type Problem, problem } from './problems.ts';
import type { AxisValue, RunConfig } from './schema.ts';
import type { Sweep } from './sweep.ts';

const scientific = (n: number) => (n < 1e6 ? String(n) : n.toExponential(1).replace('e+', 'e'));

/** What a run may need at most, and how to say it. */
const BOUNDS: readonly [of: keyof RunCost, most: number, words: string][] = [
  ['flops', LIMITS.flopsPerRunMax, 'floating-point operations in a run'],
  ['flopsPerStep', LIMITS.flopsPerStepMax, 'floating-point operations in a step'],
  ['bytes', LIMITS.bytesPerRunMax, 'bytes for a run'],
];

/** Problems with the cost of a sweep, from the most expensive value of every axis at once: each makes a run dearer. */
export function costProblems(sweep: Pick<Sweep, 'axes' | 'runs'>, base: RunConfig): Problem[] {
  const worst = sweep.axes.reduce(
    (config, axis) => withValue(config, axis.path, dearest(axis, config)),
    base,
  );
  const cost = runCost(worst);
  const broken = BOUNDS.find(([of, most]) => cost[of] > most);
  if (broken) {
    const [of, most, words] = broken;
    return [
      problem(
        '',
        undefined,
        `needs ${scientific(cost[of])} ${words}; at most ${scientific(most)} are allowed`,
      ),
    ];
  }
  if (cost.flops * sweep.runs <= LIMITS.flopsPerSweepMax) return [];
  const all = scientific(cost.flops * sweep.runs);
  const most = scientific(LIMITS.flopsPerSweepMax);
  return [
    problem(
      '',
      undefined,
      `needs up to ${all} floating-point operations in all; at most ${most} are allowed`,
    ),
  ];
}

/** The value of an axis that costs most: the largest number, or whichever word does. */
function dearest(axis: Axis, config: RunConfig): AxisValue {
  const values = valuesToCheck(axis);
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length === values.length) return numbers.reduce((max, value) => (value > max ? value : max));
  const costOf = (value: AxisValue) => runCost(withValue(config, axis.path, value)).flops;
  return values.reduce((max, value) => (costOf(value) > costOf(max) ? value : max));
}
