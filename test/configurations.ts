// Configurations that tests and benchmarks speak of by name, as in the project's reference runs.

import type { RunConfig } from '../shared/spec/schema.ts';

export interface Addition {
  p: number;
  embedding: number;
  hidden: number;
  trainFraction: number;
  weightDecay: number;
  steps: number;
  lr?: number;
  diagonal?: boolean;
}

/** Modular addition on the network of "Bridging Lottery Ticket and Grokking", section 3.1, in any size. */
export const addition = (size: Addition): RunConfig => ({
  task: {
    ...{ kind: 'modular', op: 'add', p: size.p, pairs: 'unordered' },
    ...{ diagonal: size.diagonal ?? true, trainFraction: size.trainFraction },
  },
  model: {
    ...{ kind: 'embedding-mlp', embedding: size.embedding, hidden: size.hidden },
    ...{ activation: 'relu', combine: 'sum' },
  },
  init: { scale: 1 },
  loss: { kind: 'cross-entropy' },
  optimizer: {
    ...{ kind: 'adamw', lr: size.lr ?? 0.01, weightDecay: size.weightDecay },
    ...{ betas: [0.9, 0.98], eps: 1e-8 },
  },
  train: { steps: size.steps },
  threshold: 0.95,
});

/** The smallest network that groks. */
export const C = addition({
  ...{ p: 31, embedding: 64, hidden: 32, trainFraction: 0.7, weightDecay: 1.5, steps: 1500 },
});

/** Too small to learn much; for tests of everything else. */
export const TINY = addition({
  ...{ p: 7, embedding: 6, hidden: 5, trainFraction: 0.5, weightDecay: 1, steps: 100 },
});

/** The paper's own. */
export const W1 = addition({
  ...{ p: 67, embedding: 500, hidden: 48, trainFraction: 0.4, diagonal: false },
  ...{ weightDecay: 1, lr: 0.001, steps: 100_000 },
});
