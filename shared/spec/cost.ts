import { forwardFlops, type Graph, nodeShapes, parameterCount } from '../models/graph.ts';
import { modelGraph } from '../models/index.ts';
import { taskSize, trainRowCount } from '../tasks/index.ts';
import { evaluationSteps } from './evaluation-grid.ts';
import type { RunConfig } from './schema.ts';

/** Elementwise operations of one AdamW update per parameter. */
const ADAMW_FLOPS = 14;
/** A backward pass makes two matrix products for each of the forward pass. */
const STEP_PASSES = 3;
/** Credit is counted in these, so that it stays a whole number. */
const FLOPS_PER_CREDIT = 1e9;

export interface RunCost {
  parameters: number;
  flopsPerStep: number;
  /** Training and evaluation together. */
  flops: number;
  /** Memory: weights, gradients, the optimiser's moments, and the values of all rows there and back. */
  bytes: number;
  /** Integer points for a valid run, at least 1; from the spec alone, never from claimed time. */
  credit: number;
}

/** What one run of a configuration costs, as its graph is written. Grows with every size and the number of steps. */
export function runCost(config: RunConfig): RunCost {
  const size = taskSize(config.task);
  const graph = modelGraph(config.model, size);
  const parameters = parameterCount(graph);
  const flopsPerStep =
    STEP_PASSES * forwardFlops(graph, trainRowCount(config.task)) + ADAMW_FLOPS * parameters;
  const evaluations = evaluationSteps(config.train.steps).length;
  const flops = config.train.steps * flopsPerStep + evaluations * forwardFlops(graph, size.rows);
  const credit = Math.max(1, Math.round(flops / FLOPS_PER_CREDIT));
  const values = size.vocabulary + size.classes + batchedColumns(graph);
  const bytes = 4 * (4 * parameters + 3 * size.rows * values);
  return { parameters, flopsPerStep, flops, bytes, credit };
}

/** Values a row has in all nodes of the graph together. */
function batchedColumns(graph: Graph): number {
  return nodeShapes(graph).reduce((sum, { batched, columns }) => sum + (batched ? columns : 0), 0);
}
