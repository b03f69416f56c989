import { normal } from '../random.ts';
import type { ModelSpec } from '../spec/schema.ts';
import type { TaskSize } from '../tasks/task.ts';
import { embeddingMlp } from './embedding-mlp.ts';
import type { Graph } from './graph.ts';

/** The registry of network families: one entry per `model.kind`. */
const MODELS = { 'embedding-mlp': embeddingMlp } as const;

export const modelGraph = (model: ModelSpec, task: TaskSize): Graph => MODELS[model.kind](model, task);

/** The initial weights of each parameter, row-major, in the graph's order. */
export function initialWeights(graph: Graph, scale: number, seed: number): Float32Array[] {
  return graph.parameters.map(({ shape, deviation }, stream) => {
    const weights = new Float32Array(shape[0] * shape[1]);
    for (let i = 0; i < weights.length; i++) weights[i] = scale * deviation * normal(seed, 'init', i, stream);
    return weights;
  });
}
