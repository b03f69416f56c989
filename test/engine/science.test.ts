// The wasm engine against networks trained independently in PyTorch: when they memorise and when they generalise.
// Bands: tMem within 20 %, median tGen within 35 % of theirs, over at least five seeds. The engine gives the same bits
// everywhere, so these numbers vary only with the engine's version.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { wasmEngine } from '../../shared/engine/wasm/engine.ts';
import { type Milestones, milestones } from '../../shared/measures/milestones.ts';
import { evaluationSteps } from '../../shared/spec/evaluation-grid.ts';
import type { RunConfig } from '../../shared/spec/schema.ts';
import { addition, C } from '../configurations.ts';

const kernels = new WebAssembly.Module(
  readFileSync(new URL('../../shared/engine/wasm/kernels.wasm', import.meta.url)),
);

async function train(config: RunConfig, seeds = 5) {
  const { steps } = config.train;
  const trainings = Array.from({ length: seeds }, (_, seed) => ({ config, seed }));
  const session = await wasmEngine(kernels).prepare(trainings);
  const grid = evaluationSteps(steps);
  const evaluations = await session.advance(steps, grid);
  session.dispose();
  return trainings.map((_, replica) => {
    const channel = (of: 'trainLoss' | 'trainAccuracy' | 'testLoss' | 'testAccuracy') =>
      Float32Array.from(evaluations, (all) => all[replica]?.[of] ?? Number.NaN);
    const test = channel('testAccuracy');
    const channels = {
      'train.loss': channel('trainLoss'),
      'train.accuracy': channel('trainAccuracy'),
      'test.loss': channel('testLoss'),
      'test.accuracy': test,
    };
    const reached = milestones({ steps: grid, channels, divergedAt: null }, config.threshold);
    return {
      ...reached,
      testAccuracyAt: (step: number) => test[grid.findLastIndex((s) => s <= step)] as number,
    };
  });
}

/** The median; a run that never got there counts as later than all others. */
function median(values: (number | null)[]): number {
  const sorted = values.map((value) => value ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

function expectInBands(runs: Milestones[], memorised: [number, number], generalised: number): void {
  for (const { tMem } of runs) {
    expect(tMem).toBeGreaterThanOrEqual(0.8 * memorised[0]);
    expect(tMem).toBeLessThanOrEqual(1.2 * memorised[1]);
  }
  const middle = median(runs.map(({ tGen }) => tGen));
  expect(middle).toBeGreaterThan(0.65 * generalised);
  expect(middle).toBeLessThan(1.35 * generalised);
}

test('the smallest network that groks does, and not before it has memorised', async () => {
  const runs = await train(C, 10);
  expectInBands(runs, [40, 46], 502);
  expect(runs.every(({ tGen }) => tGen !== null)).toBe(true);
  for (const { testAccuracyAt } of runs) expect(testAccuracyAt(100)).toBeLessThan(0.2);
});

test('without weight decay it stays at chance', async () => {
  const runs = await train({ ...C, optimizer: { ...C.optimizer, weightDecay: 0 } });
  for (const { tMem, tGen, testAccuracyAt } of runs) {
    expect(tMem).toBeLessThan(60);
    expect(tGen).toBeNull();
    expect(testAccuracyAt(800)).toBeLessThan(0.1);
  }
});

test('larger networks and other moduli memorise and generalise when they should', {
  timeout: 60_000,
}, async () => {
  const A = { p: 47, embedding: 128, hidden: 48, trainFraction: 0.5, weightDecay: 2, steps: 900 };
  expectInBands(await train(addition(A), 10), [29, 31], 498);
  const B = { p: 31, embedding: 128, hidden: 32, trainFraction: 0.7, weightDecay: 1, steps: 1200 };
  expectInBands(await train(addition(B), 10), [25, 28], 682);
});

test('the network that shows tickets does as well', { timeout: 60_000 }, async () => {
  const T = { p: 67, embedding: 500, hidden: 48, trainFraction: 0.5, weightDecay: 1, steps: 1000 };
  expectInBands(await train(addition(T)), [20, 21], 610);
});

test('sparse parity is memorised in a hundred steps and understood in thousands', {
  timeout: 30_000,
}, async () => {
  const parity: RunConfig = {
    ...C,
    task: { kind: 'parity', bits: 20, relevant: 3, trainRows: 500, testRows: 1000 },
    model: { kind: 'mlp', hidden: [64], activation: 'relu', bias: true },
    init: { scale: Math.SQRT2 },
    optimizer: { ...C.optimizer, weightDecay: 0.3 },
    train: { steps: 5000 },
  };
  const runs = await train(parity);
  for (const { tMem } of runs) expect(tMem).toBeLessThanOrEqual(100);
  const middle = median(runs.map(({ tGen }) => tGen));
  expect(middle).toBeGreaterThan(1550);
  expect(middle).toBeLessThan(4100);
});
