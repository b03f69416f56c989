// What the load benchmarks have volunteers deliver: sweeps to train, and results that nobody trained.

import { curveUpTo, encodeCurve } from '../../shared/curve.ts';
import { LIMITS } from '../../shared/limits.ts';
import { runCost } from '../../shared/spec/cost.ts';
import { evaluationSteps } from '../../shared/spec/evaluation-grid.ts';
import type { RunConfig } from '../../shared/spec/schema.ts';
import { C } from '../configurations.ts';

/** So many that a curve takes 684 bytes. */
export const STEPS = 48;
/** Different curves; runs share them in turn. */
export const CURVES = 256;

const SMALL = { ...C, train: { steps: STEPS } };
/** The same with so much to compute that every half of a run is worth something. */
const LARGE = { ...SMALL, model: { ...C.model, hidden: 2048 } } as RunConfig;

/** What a researcher posts: eight seeds of ever new configurations. */
export const specOf = (name: string, runs: number, size: 'small' | 'large' = 'small'): string =>
  JSON.stringify({
    ...(size === 'small' ? SMALL : LARGE),
    ...{ name, title: `A sweep of ${runs} runs` },
    ...{ method: 'random', run_cap: runs },
    parameters: {
      'optimizer.weightDecay': { min: 0.01, max: 10, distribution: 'log_uniform_values' },
      'optimizer.lr': { min: 0.0001, max: 0.1, distribution: 'log_uniform_values' },
      seed: { min: 0, max: 7 },
    },
  });

/** What every run of a large sweep is worth. */
export const LARGE_CREDIT = runCost(LARGE).credit;

/** The speed at which a device is given units of so many runs. */
export const speedFor = (runsPerUnit: number, size: 'small' | 'large' = 'small'): number =>
  (1000 * (runsPerUnit + 0.5) * runCost(size === 'small' ? SMALL : LARGE).flops) / LIMITS.unitTargetMs;

/** The bytes of a run's curve up to a step; the run memorises and later generalises, each at its own step. */
export function curveOf(run: number, upTo = STEPS): Uint8Array {
  const number = run % CURVES;
  const steps = evaluationSteps(STEPS);
  const rising = (middle: number) =>
    Float32Array.from(steps, (step) => 1 / (1 + Math.exp((middle - step) / 2)));
  const falling = (middle: number) => rising(middle).map((value) => 3.4 * (1 - value) + 1e-4);
  const [mem, gen] = [5 + (number % 16), 25 + number / 16];
  const channels = {
    ...{ 'train.loss': falling(mem), 'train.accuracy': rising(mem) },
    ...{ 'test.loss': falling(gen), 'test.accuracy': rising(gen) },
  };
  return encodeCurve(curveUpTo({ steps, channels, divergedAt: null }, upTo));
}
