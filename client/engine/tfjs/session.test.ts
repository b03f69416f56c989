import { grad, memory, type Tensor2D, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../shared/engine/engine.ts';
import type { Activation } from '../../../shared/models/graph.ts';
import { initialWeights, modelGraph } from '../../../shared/models/index.ts';
import type { RunConfig } from '../../../shared/spec/schema.ts';
import { splitRows, taskRows } from '../../../shared/tasks/index.ts';
import { NODE_TFJS } from '../../cli/tfjs-node.ts';
import { tfjsEngine } from './engine.ts';
import { crossEntropy } from './graph.ts';

const config = (activation: Activation): RunConfig => ({
  task: { kind: 'modular', op: 'add', p: 5, pairs: 'ordered', diagonal: true, trainFraction: 0.6 },
  model: { kind: 'embedding-mlp', embedding: 3, hidden: 4, activation },
  init: { scale: 1 },
  loss: { kind: 'cross-entropy' },
  optimizer: { kind: 'adamw', lr: 0.01, weightDecay: 1.5, betas: [0.9, 0.98], eps: 1e-8 },
  train: { steps: 20 },
  threshold: 0.95,
});

const act: Record<Activation, (x: number) => number> = {
  relu: (x) => Math.max(0, x),
  tanh: Math.tanh,
  quadratic: (x) => x * x,
  gelu: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
};

/** Mean cross-entropy in double precision, written out by hand: the engine shares no code with it. */
function plainLoss(run: RunConfig, weights: number[][], rows: Int32Array): number {
  const { embedding: d, hidden: h, activation } = run.model;
  const { p } = run.task;
  const { tokens, targets } = taskRows(run.task);
  const [E, Win, Wout, Wunemb] = weights as [number[], number[], number[], number[]];
  const times = (x: number[], w: number[], columns: number) =>
    Array.from({ length: columns }, (_, j) =>
      x.reduce((sum, xi, i) => sum + xi * (w[i * columns + j] as number), 0),
    );
  let loss = 0;
  for (const row of rows) {
    const embed = (t: number) =>
      E.slice((tokens[2 * row + t] as number) * d, ((tokens[2 * row + t] as number) + 1) * d);
    const b = embed(1);
    const x = embed(0).map((a, i) => a + (b[i] as number));
    const logits = times(times(times(x, Win, h).map(act[activation]), Wout, d), Wunemb, p);
    loss +=
      Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0)) - (logits[targets[row] as number] as number);
  }
  return loss / rows.length;
}

/** AdamW with gradients by central differences. Returns the loss before each step and the final weights. */
function plainTraining(run: RunConfig, seed: number, steps: number) {
  const { lr, weightDecay, betas, eps } = run.optimizer;
  const { train } = splitRows(run.task, seed);
  const weights = initialWeights(modelGraph(run.model, taskRows(run.task)), run.init.scale, seed).map((w) => [
    ...w,
  ]);
  const moments = weights.map((w) => w.map(() => [0, 0] as [number, number]));
  const losses: number[] = [];
  for (let t = 1; t <= steps; t++) {
    losses.push(plainLoss(run, weights, train));
    const gradients = weights.map((w) =>
      w.map((value, i) => {
        const at = (x: number) => {
          w[i] = x;
          return plainLoss(run, weights, train);
        };
        const slope = (at(value + 1e-6) - at(value - 1e-6)) / 2e-6;
        w[i] = value;
        return slope;
      }),
    );
    for (const [k, w] of weights.entries()) {
      for (const [i, value] of w.entries()) {
        const g = (gradients[k] as number[])[i] as number;
        const moment = (moments[k] as [number, number][])[i] as [number, number];
        moment[0] = betas[0] * moment[0] + (1 - betas[0]) * g;
        moment[1] = betas[1] * moment[1] + (1 - betas[1]) * g * g;
        const step = moment[0] / (1 - betas[0] ** t) / (Math.sqrt(moment[1] / (1 - betas[1] ** t)) + eps);
        w[i] = value * (1 - lr * weightDecay) - lr * step;
      }
    }
  }
  return { losses, weights };
}

let engine: Engine;
beforeAll(async () => {
  engine = await tfjsEngine('wasm', NODE_TFJS);
});

test.each(['relu', 'tanh', 'quadratic', 'gelu'] as const)(
  'training with %s agrees with finite differences in double precision',
  async (activation) => {
    const run = config(activation);
    const plain = plainTraining(run, 3, 20);
    const session = await engine.prepare({ config: run, seed: 3 });
    for (const [step, loss] of plain.losses.entries()) {
      await session.step(step - session.stepsDone);
      expect(Math.abs((await session.evaluate()).trainLoss / loss - 1)).toBeLessThan(2e-5);
    }
    await session.step(1);
    const trained = await session.weights();
    const errors = plain.weights.flatMap((w, k) =>
      w.map((value, i) => Math.abs((trained[k]?.[i] as number) - value)),
    );
    expect(Math.max(...errors)).toBeLessThan(2e-4);
    session.dispose();
  },
);

test('saving, restoring and going on equals never having stopped, bit for bit', async () => {
  const [whole, second] = [
    await engine.prepare({ config: config('relu'), seed: 1 }),
    await engine.prepare({ config: config('relu'), seed: 1 }),
  ];
  await whole.step(7);
  await second.restore(await whole.save());
  expect(second.stepsDone).toBe(7);
  await whole.step(9);
  await second.step(4);
  await second.step(5);
  expect(await second.save()).toEqual(await whole.save());
  await expect(second.restore(new Uint8Array(40))).rejects.toThrow('not a checkpoint');
  expect(second.stepsDone).toBe(16);
  whole.dispose();
  second.dispose();
});

test('anyone can start from given weights and training rows', async () => {
  const run = config('relu');
  const weights = initialWeights(modelGraph(run.model, taskRows(run.task)), 1, 3);
  const given = await engine.prepare({
    config: run,
    seed: 99,
    weights,
    trainRows: splitRows(run.task, 3).train,
  });
  const seeded = await engine.prepare({ config: run, seed: 3 });
  await given.step(5);
  await seeded.step(5);
  expect(await given.weights()).toEqual(await seeded.weights());
  given.dispose();
  seeded.dispose();
});

test('the gradient at the true class is minus the sum of the others, where p - 1 would round to nothing', async () => {
  const gradient = tidy(() => {
    const oneHot = tensor2d([[1, 0, 0]]);
    return grad((z) => crossEntropy(z as Tensor2D, oneHot))(tensor2d([[30, 0, 0]]));
  });
  const [own, ...others] = await gradient.data();
  gradient.dispose();
  for (const other of others) expect((other as number) / Math.exp(-30)).toBeCloseTo(1, 5);
  expect((own as number) / (-2 * Math.exp(-30))).toBeCloseTo(1, 5);
});

test('a session gives back all the memory it took', async () => {
  const before = memory().numTensors;
  const session = await engine.prepare({ config: config('gelu'), seed: 0 });
  await session.step(3);
  await session.evaluate();
  await session.restore(await session.save());
  session.dispose();
  expect(memory().numTensors).toBe(before);
});
