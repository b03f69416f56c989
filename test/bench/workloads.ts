import type { RunConfig } from '../../shared/spec/schema.ts';

export interface Workload {
  name: string;
  config: RunConfig;
}

const common: Pick<RunConfig, 'init' | 'loss' | 'train' | 'threshold'> = {
  init: { scale: 1 },
  loss: { kind: 'cross-entropy' },
  train: { steps: 100_000 },
  threshold: 0.95,
};

const adamw = (lr: number, weightDecay: number): RunConfig['optimizer'] => ({
  kind: 'adamw',
  lr,
  weightDecay,
  betas: [0.9, 0.98],
  eps: 1e-8,
});

const addition = (p: number, trainFraction: number, diagonal = true): RunConfig['task'] => ({
  ...{ kind: 'modular', op: 'add', p, pairs: 'unordered', diagonal, trainFraction },
});

const embeddingMlp = (embedding: number, hidden: number): RunConfig['model'] => ({
  ...{ kind: 'embedding-mlp', embedding, hidden, activation: 'relu', combine: 'sum' },
});

/** "Bridging Lottery Ticket and Grokking", section 3.1. */
const W1: Workload = {
  name: 'W1',
  config: {
    ...common,
    task: addition(67, 0.4, false),
    model: embeddingMlp(500, 48),
    optimizer: adamw(1e-3, 1),
  },
};

/** The smallest network of the demo sweeps. */
const C: Workload = {
  name: 'C',
  config: { ...common, task: addition(31, 0.7), model: embeddingMlp(64, 32), optimizer: adamw(0.01, 1.5) },
};

/** The one that shows tickets. */
const T: Workload = {
  name: 'T',
  config: { ...common, task: addition(67, 0.5), model: embeddingMlp(500, 48), optimizer: adamw(0.01, 1) },
};

const MLP: Workload = {
  name: 'MLP 194-128-128-97',
  config: {
    ...common,
    task: addition(97, 0.5),
    model: { kind: 'mlp', hidden: [128, 128], activation: 'relu', bias: true },
    optimizer: adamw(1e-3, 1),
  },
};

/** The transformer of the paper's code: width 128, one head, no positions, biases or layer norms. */
const TRANSFORMER: Workload = {
  name: 'transformer',
  config: {
    ...common,
    task: addition(67, 0.4, false),
    model: {
      ...{ kind: 'transformer', layers: 1, embedding: 128, heads: 1, mlp: 512, activation: 'relu' },
      ...{ positional: false, layerNorm: false, bias: false, causal: true, attentionScale: true },
    },
    optimizer: adamw(1e-3, 1),
  },
};

export const WORKLOADS: readonly Workload[] = [W1, T, MLP, TRANSFORMER];
export const QUICK_WORKLOADS: readonly Workload[] = [W1, C];
