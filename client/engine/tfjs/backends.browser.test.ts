import { expect, test } from 'vitest';
import type { Evaluation } from '../../../shared/engine/engine.ts';
import type { RunConfig } from '../../../shared/spec/schema.ts';
import { type TFJS_BACKENDS, type TfjsPlatform, tfjsEngine } from './engine.ts';

const platform: TfjsPlatform = {
  registerGradients: () => import('@tensorflow/tfjs-core/dist/register_all_gradients'),
  wasmFolder: '/tfjs/',
};

const config: RunConfig = {
  task: { kind: 'modular', op: 'add', p: 11, pairs: 'unordered', diagonal: true, trainFraction: 0.6 },
  model: { kind: 'embedding-mlp', embedding: 12, hidden: 8, activation: 'relu' },
  init: { scale: 1 },
  loss: { kind: 'cross-entropy' },
  optimizer: { kind: 'adamw', lr: 0.01, weightDecay: 1, betas: [0.9, 0.98], eps: 1e-8 },
  train: { steps: 20 },
  threshold: 0.95,
};

/** Losses and accuracies after 0, 1 and 20 steps, the last ones once more after a restart from a checkpoint. */
async function train(backend: (typeof TFJS_BACKENDS)[number]): Promise<Evaluation[]> {
  const engine = await tfjsEngine(backend, platform);
  const session = await engine.prepare({ config, seed: 4 });
  const evaluations = [await session.evaluate()];
  await session.step(1);
  evaluations.push(await session.evaluate());
  const checkpoint = await session.save();
  await session.step(19);
  evaluations.push(await session.evaluate());
  await session.restore(checkpoint);
  await session.step(19);
  evaluations.push(await session.evaluate());
  session.dispose();
  return evaluations;
}

test('WebGPU, wasm and plain JavaScript train the same network, and go on from a checkpoint', async () => {
  const [cpu, wasm, webgpu] = [await train('cpu'), await train('wasm'), await train('webgpu')];
  const [, after, end, again] = cpu as [Evaluation, Evaluation, Evaluation, Evaluation];
  expect(end.trainLoss).toBeLessThan(after.trainLoss);
  expect(again).toEqual(end);
  for (const other of [wasm, webgpu]) {
    other.forEach(({ trainLoss, testLoss, trainAccuracy, testAccuracy }, i) => {
      const expected = cpu[i] as Evaluation;
      expect(Math.abs(trainLoss / expected.trainLoss - 1)).toBeLessThan(1e-5);
      expect(Math.abs(testLoss / expected.testLoss - 1)).toBeLessThan(1e-5);
      expect([trainAccuracy, testAccuracy]).toEqual([expected.trainAccuracy, expected.testAccuracy]);
    });
  }
});
