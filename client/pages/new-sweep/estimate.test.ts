import { expect, test } from 'vitest';
import { runCost } from '../../../shared/spec/cost.ts';
import { cellConfig, sweepOf } from '../../../shared/spec/sweep.ts';
import { estimate } from './estimate.ts';

const spec = (parameters: object, run_cap?: number) =>
  sweepOf({
    name: 'x',
    title: 'x',
    task: { p: 31, trainFraction: 0.5 },
    model: { embedding: 8, hidden: 8 },
    optimizer: { lr: 0.01 },
    train: { steps: 100 },
    method: run_cap === undefined ? 'grid' : 'random',
    parameters,
    run_cap,
  });

test('steps and operations are summed over the runs of every cell', () => {
  const sweep = spec({ 'train.steps': { values: [100, 300] }, seed: { values: [0, 1] } });
  const flops = [0, 1].map((cell) => runCost(cellConfig(sweep, cell)).flops);
  const all = estimate(sweep);
  expect(all).toMatchObject({ runs: 4, cells: 2, steps: 800, isExact: true });
  expect(all.flops).toBeCloseTo(2 * (flops[0]! + flops[1]!), -2);
});

test('a large sweep is scaled up from an even selection of its cells, and says so', () => {
  const sweep = spec({ 'optimizer.lr': { min: 0.001, max: 0.1 }, seed: { values: [0, 1] } }, 10_000);
  expect(estimate(sweep)).toMatchObject({ runs: 10_000, cells: 5000, steps: 1_000_000, isExact: false });
});
