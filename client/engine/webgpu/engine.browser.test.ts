import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Evaluation, Training } from '../../../shared/engine/engine.ts';
import { uniform } from '../../../shared/random.ts';
import type { RunConfig } from '../../../shared/spec/schema.ts';
import { C } from '../../../test/configurations.ts';
import { trainPlainly } from '../../../test/engine/plain-training.ts';
import { graphOf, randomWeights, smallConfig } from '../../../test/engine/random-runs.ts';
import type { Numbers } from '../../../test/engine/reference.ts';
import { webgpuEngine } from './engine.ts';
import { HARDWARE } from './wgsl/tuning.ts';

const engine = await webgpuEngine(navigator.gpu);
/** Here a graphics card would compute otherwise. */
const hardware = await webgpuEngine(navigator.gpu, HARDWARE);

const modular = (p: number, trainFraction: number): RunConfig['task'] => ({
  kind: 'modular',
  op: 'add',
  p,
  pairs: 'unordered',
  diagonal: true,
  trainFraction,
});

const transformer: RunConfig = {
  ...C,
  task: modular(7, 0.6),
  model: {
    kind: 'transformer',
    layers: 2,
    embedding: 8,
    heads: 2,
    mlp: 12,
    activation: 'gelu',
    positional: true,
    layerNorm: true,
    bias: true,
    causal: true,
    attentionScale: true,
  },
};

const withBiases: RunConfig['model'] = { kind: 'mlp', hidden: [12], activation: 'gelu', bias: true };

const apart = (a: number, b: number) => Math.abs(a / b - 1);

/** The largest relative differences of the losses. Accuracies may differ by a row or two of a hundred. */
function lossesApart(found: readonly Evaluation[], expected: readonly Evaluation[]) {
  const worst = (key: keyof Evaluation) =>
    Math.max(...found.map((e, i) => apart(e[key], (expected[i] as Evaluation)[key])));
  for (const [i, { trainAccuracy, testAccuracy }] of found.entries()) {
    expect(trainAccuracy).toBeCloseTo((expected[i] as Evaluation).trainAccuracy, 1);
    expect(testAccuracy).toBeCloseTo((expected[i] as Evaluation).testAccuracy, 1);
  }
  return { train: worst('trainLoss'), test: worst('testLoss') };
}

const largest = (numbers: ArrayLike<number>) => Math.max(...Array.from(numbers, Math.abs));

async function train(trainings: readonly Training[], evaluateAt: readonly number[], on = engine) {
  const session = await on.prepare(trainings);
  const evaluations = await session.advance(evaluateAt.at(-1) as number, evaluateAt);
  const weights = await Promise.all(trainings.map((_, replica) => session.weights(replica)));
  session.dispose();
  return { evaluations, weights };
}

test('every operation computes what float64 does', { timeout: 120_000 }, async () => {
  const seeds = fc.integer({ min: 0, max: 0xffffffff });
  const property = fc.asyncProperty(smallConfig, seeds, fc.boolean(), async (config, seed, isMasked) => {
    const on = seed % 2 === 0 ? engine : hardware;
    // Where a gradient is 0 but for rounding, Adam's first steps would follow the rounding.
    const optimizer =
      config.optimizer.kind === 'sgd'
        ? { ...config.optimizer, lr: 0.01 }
        : { ...config.optimizer, eps: 0.01 };
    const weights = randomWeights(graphOf(config), (i) => uniform(seed, 'data', i)).map((w) =>
      Float32Array.from(w, (x) => x / 2),
    );
    const masks = isMasked
      ? weights.map((w, p) => Uint8Array.from(w, (_, i) => (uniform(seed, 'data', i, p) < 0.3 ? 0 : 1)))
      : weights.map(() => null);
    const training: Training = { config: { ...config, optimizer }, seed, weights, masks };
    const found = await train([training], [0, 1, 3], on);
    const expected = trainPlainly(training, [0, 1, 3]);
    found.evaluations.forEach(([one], i) => {
      const { trainLoss, testLoss } = expected.evaluations[i] as Evaluation;
      expect(Math.abs((one as Evaluation).trainLoss - trainLoss)).toBeLessThan(1e-4 * (1 + trainLoss));
      expect(Math.abs((one as Evaluation).testLoss - testLoss)).toBeLessThan(1e-4 * (1 + testLoss));
    });
    found.weights[0]?.forEach((w, p) => {
      const other = expected.weights[p] as Numbers;
      expect(largest(w.map((x, i) => x - (other[i] as number)))).toBeLessThan(1e-4 * (1 + largest(other)));
    });
  });
  await fc.assert(property, { numRuns: 7, endOnFailure: true });
});

test.each([
  ['on this device', engine],
  ['with the tuning of graphics cards', hardware],
])('the losses of configuration C follow float64 to step 50, %s', async (_, on) => {
  const steps = [0, 1, 2, 10, 20, 30, 50];
  const { evaluations } = await train([{ config: C, seed: 0 }], steps, on);
  const expected = trainPlainly({ config: C, seed: 0 }, steps).evaluations;
  const { train: trainApart, test: testApart } = lossesApart(evaluations.flat(), expected);
  expect(trainApart).toBeLessThan(1e-5);
  expect(testApart).toBeLessThan(1e-4);
});

test('a transformer of two layers with everything, in mini-batches, follows float64', async () => {
  const steps = [0, 1, 5, 10];
  const config: RunConfig = { ...transformer, train: { steps: 10, batch: 7 } };
  const trainings = [5, 6].map((seed): Training => ({ config, seed }));
  const { evaluations } = await train(trainings, steps, hardware);
  for (const [replica, training] of trainings.entries()) {
    const found = evaluations.map((all) => all[replica] as Evaluation);
    const expected = trainPlainly(training, steps).evaluations;
    expect(lossesApart(found, expected).train).toBeLessThan(1e-5);
  }
});

test('replicas do not feel one another: sixteen at once compute what each does alone', async () => {
  const of = (seed: number): Training => {
    const optimizer = {
      ...C.optimizer,
      lr: 0.001 * (seed + 1),
      weightDecay: seed / 4,
    } as RunConfig['optimizer'];
    return { config: { ...C, optimizer, init: { scale: 1 + seed / 8 } }, seed };
  };
  const together = await train(
    Array.from({ length: 16 }, (_, seed) => of(seed)),
    [0, 30],
  );
  for (const seed of [0, 7, 15]) {
    const alone = await train([of(seed)], [0, 30]);
    expect(together.evaluations.map((evaluations) => evaluations[seed])).toEqual(alone.evaluations.flat());
    expect(together.weights[seed]).toEqual(alone.weights[0]);
  }
});

test('the same run gives the same bits again, also from a checkpoint on', async () => {
  for (const batch of [undefined, 8]) {
    const config: RunConfig = {
      ...C,
      model: withBiases,
      train: batch === undefined ? { steps: 9 } : { steps: 9, batch },
    };
    const trainings = [1, 2].map((seed): Training => ({ config, seed }));
    const session = await engine.prepare(trainings);
    await session.advance(5, []);
    const checkpoints = [await session.save(0), await session.save(1)];
    const first = await session.advance(9, [5, 9]);
    const weights = [await session.weights(0), await session.weights(1)];
    await session.restore(checkpoints);
    expect(session.stepsDone).toBe(5);
    expect(await session.advance(9, [5, 9])).toEqual(first);
    const fresh = await engine.prepare(trainings);
    await fresh.restore(checkpoints);
    expect(await fresh.advance(9, [5, 9])).toEqual(first);
    expect([await fresh.weights(0), await fresh.weights(1)]).toEqual(weights);
    const straight = await train(trainings, [5, 9]);
    expect(straight.evaluations).toEqual(first);
    session.dispose();
    fresh.dispose();
  }
});

test('checkpoints that do not fit are refused in words', async () => {
  const session = await engine.prepare([{ config: C, seed: 1 }]);
  const bytes = await session.save(0);
  await expect(session.restore([])).rejects.toThrow('0 checkpoints for 1 replicas');
  await expect(session.restore([bytes.slice(0, -4)])).rejects.toThrow('a checkpoint of this run has');
  session.dispose();
});

test('a diverged network has losses that are not numbers, and stays so', async () => {
  const optimizer: RunConfig['optimizer'] = {
    kind: 'sgd',
    lr: 10,
    momentum: 0.9,
    weightDecay: 0,
    decay: 'coupled',
  };
  const config: RunConfig = {
    ...C,
    optimizer,
    model: { kind: 'embedding-mlp', embedding: 8, hidden: 8, activation: 'quadratic', combine: 'sum' },
    loss: { kind: 'squared-error' },
    init: { scale: 20 },
  };
  const { evaluations } = await train([{ config, seed: 1 }], [0, 30, 31]);
  const [[start], ...late] = evaluations as [[Evaluation], ...[Evaluation][]];
  expect(start.trainLoss).toBeGreaterThan(0);
  for (const [evaluation] of late) expect(Object.values(evaluation)).toEqual(Array(4).fill(Number.NaN));
});

test('many evaluations are brought back at once', async () => {
  const config: RunConfig = { ...C, model: { kind: 'mlp', hidden: [8], activation: 'tanh', bias: true } };
  const steps = Array.from({ length: 150 }, (_, i) => i);
  const { evaluations } = await train([{ config, seed: 1 }], steps);
  expect(evaluations.length).toBe(150);
  const some = trainPlainly({ config, seed: 1 }, [0, 40]).evaluations;
  expect(lossesApart([evaluations[0]?.[0], evaluations[40]?.[0]] as Evaluation[], some).train).toBeLessThan(
    1e-4,
  );
});

test('a step of the network of the paper is four dispatches', async () => {
  const model: RunConfig['model'] = { ...C.model, embedding: 500, hidden: 48 } as RunConfig['model'];
  const session = await engine.prepare([{ config: { ...C, task: modular(67, 0.4), model }, seed: 0 }]);
  expect(session.dispatchesPerStep).toBe(4);
  session.dispose();
});
