import type { RunConfig } from '../../shared/spec/schema.ts';
import { addition, C, W1 } from '../configurations.ts';

export interface Workload {
  name: string;
  config: RunConfig;
}

/** The one that shows tickets. */
const T = addition({
  ...{ p: 67, embedding: 500, hidden: 48, trainFraction: 0.5, weightDecay: 1, steps: 100_000 },
});

const mlp: RunConfig['model'] = { kind: 'mlp', hidden: [128, 128], activation: 'relu', bias: true };
const ninetySeven = addition({
  ...{ p: 97, embedding: 1, hidden: 1, trainFraction: 0.5, weightDecay: 1, lr: 0.001, steps: 100_000 },
});

/** The one of the paper's code: width 128, one head, no positions, biases or layer norms. */
const transformer: RunConfig['model'] = {
  ...{ kind: 'transformer', layers: 1, embedding: 128, heads: 1, mlp: 512, activation: 'relu' },
  ...{ positional: false, layerNorm: false, bias: false, causal: true, attentionScale: true },
};

const paper: Workload = { name: 'W1', config: W1 };

export const WORKLOADS: readonly Workload[] = [
  paper,
  { name: 'T', config: T },
  { name: 'MLP 194-128-128-97', config: { ...ninetySeven, model: mlp } },
  { name: 'transformer', config: { ...W1, model: transformer } },
];

export const QUICK_WORKLOADS: readonly Workload[] = [
  paper,
  { name: 'C', config: { ...C, train: { steps: 100_000 } } },
];
