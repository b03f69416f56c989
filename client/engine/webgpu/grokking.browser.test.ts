import { expect, test } from 'vitest';
import type { Evaluation } from '../../../shared/engine/engine.ts';
import type { RunConfig } from '../../../shared/spec/schema.ts';
import { webgpuEngine } from './engine.ts';

/** Configuration C of the project's reference runs: in ten seeds trained elsewhere tGen was 305 to 720, median 502. */
const C: RunConfig = {
  task: { kind: 'modular', op: 'add', p: 31, pairs: 'unordered', diagonal: true, trainFraction: 0.7 },
  model: { kind: 'embedding-mlp', embedding: 64, hidden: 32, activation: 'relu', combine: 'sum' },
  init: { scale: 1 },
  loss: { kind: 'cross-entropy' },
  optimizer: { kind: 'adamw', lr: 0.01, weightDecay: 1.5, betas: [0.9, 0.98], eps: 1e-8 },
  train: { steps: 700 },
  threshold: 0.95,
};

const SEEDS = 5;

test('on the graphics card too a network memorises, waits, and generalises', {
  timeout: 180_000,
}, async () => {
  const engine = await webgpuEngine(navigator.gpu);
  const session = await engine.prepare(Array.from({ length: SEEDS }, (_, seed) => ({ config: C, seed })));
  const [memorised, waiting, late] = (await session.advance(700, [60, 100, 700])) as [
    Evaluation[],
    Evaluation[],
    Evaluation[],
  ];
  session.dispose();
  for (const { trainAccuracy } of memorised) expect(trainAccuracy).toBeGreaterThan(0.95);
  for (const { testAccuracy } of waiting) expect(testAccuracy).toBeLessThan(0.2);
  const generalised = late.filter(({ testAccuracy }) => testAccuracy > 0.95);
  expect(generalised.length).toBeGreaterThan(SEEDS / 2);
});

test('a device with a clock says how long each dispatch of a step takes', async () => {
  const engine = await webgpuEngine(navigator.gpu);
  const session = await engine.prepare([{ config: C, seed: 0 }]);
  const times = await session.profile(3);
  expect(session.stepsDone).toBe(times ? 3 : 0);
  expect(times?.length ?? session.dispatchesPerStep).toBe(session.dispatchesPerStep);
  for (const ms of times ?? []) expect(ms).toBeGreaterThan(0);
  session.dispose();
});
