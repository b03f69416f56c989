import { FLOPS_PER_CREDIT } from '../credit.ts';
import { keptOf } from '../engine/extras/grokfast.ts';
import { layoutWork, planOf, sizeOf } from '../engine/plan.ts';
import { measureFlops } from '../measures/index.ts';
import { elementwiseFlops, forwardFlops, type Graph, parameterCount } from '../models/graph.ts';
import { modelGraph } from '../models/index.ts';
import { taskSize, trainRowCount } from '../tasks/index.ts';
import type { OptimizerSpec } from './optimizers.ts';
import { isScored, type Phase } from './phases.ts';
import type { RunConfig } from './schema.ts';
import { configAt, timelineOf, trains } from './timeline.ts';

/** Elementwise operations of one update, per parameter. */
const UPDATE_FLOPS: Record<OptimizerSpec['kind'], number> = { adamw: 14, adam: 15, sgd: 6 };
/** A backward pass makes two operations for each of the forward pass. */
const STEP_PASSES = 3;
/** Of the loss and its gradient, per output of the network. */
const LOSS_FLOPS = 8;
/** What plain code computes, most of it in double precision: each operation takes about so many times as long. */
const HOST_FACTOR = 20;
/** Gradients that scores of weights are made of; a curvature along a direction is the difference of two. */
const SCORE_GRADIENTS = { snip: 1, grasp: 3, synflow: 1 };
/** Of ranking the scores of one round, per parameter. */
const RANK_FLOPS = 400;
/** Of the singular values of a matrix, in cubes of its smaller side: they are found by many turns. */
const TURNS_FLOPS = 200;
export interface RunCost {
  parameters: number;
  /** Of the dearest step there is in the run. */
  flopsPerStep: number;
  /** Of measuring everything once, on the host. */
  flopsPerMeasurement: number;
  /** Of the dearest pruning by scores, all its rounds, on the host. */
  flopsPerPruning: number;
  /** Training, evaluation, pruning and measurements together. */
  flops: number;
  /** Integer points for a valid run, at least 1; from the spec alone, never from claimed time. */
  credit: number;
}

/**
 * What one run of a configuration costs, as its graph is written. Grows with every size and the number of steps.
 * `trainRows` is the size of a training set that was given instead of the task's.
 */
export function runCost(config: RunConfig, trainRows = trainRowCount(config.task)): RunCost {
  const size = taskSize(config.task);
  const graph = modelGraph(config.model, size);
  const parameters = parameterCount(graph);
  const forward = (rows: number) => forwardFlops(graph, rows) + elementwiseFlops(graph, rows);
  const loss = (rows: number) => LOSS_FLOPS * rows * size.classes;
  const stepFlops = ({ train, optimizer }: RunConfig) => {
    const batch = train.batch ?? trainRows;
    const update = UPDATE_FLOPS[optimizer.kind] * parameters + HOST_FACTOR * extrasFlops(optimizer, graph);
    return STEP_PASSES * forward(batch) + loss(batch) + update;
  };
  // Inputs of ones are one row, in which every token is looked up in every position.
  const ones = size.tokensPerRow > 0 ? size.vocabulary : 1;
  const pruningFlops = (phase: Phase) => {
    if (phase.kind !== 'prune' || !isScored(phase)) return 0;
    const { by, rounds, input } = phase;
    const rows = by === 'synflow' && input === 'ones' ? ones : trainRows;
    const gradients = SCORE_GRADIENTS[by as keyof typeof SCORE_GRADIENTS];
    return rounds * (gradients * STEP_PASSES * forward(rows) + RANK_FLOPS * parameters);
  };
  const { phases, steps, measured } = timelineOf(config);
  const training = phases.flatMap((phase, i) => (trains(phase) ? [configAt(config, phases, i)] : []));
  const flopsPerStep = Math.max(0, ...training.map(stepFlops));
  const flopsPerMeasurement = measureFlops(config);
  const prunings = phases.map(pruningFlops);
  const flopsPerPruning = Math.max(...prunings);
  const flops =
    training.reduce((sum, one) => sum + one.train.steps * stepFlops(one), 0) +
    steps.length * (forward(size.rows) + loss(size.rows)) +
    HOST_FACTOR * prunings.reduce((sum, one) => sum + one, measured.length * flopsPerMeasurement);
  const credit = Math.max(1, Math.round(flops / FLOPS_PER_CREDIT));
  return { parameters, flopsPerStep, flopsPerMeasurement, flopsPerPruning, flops, credit };
}

/** Of what an optimiser does besides its update, on the host. */
function extrasFlops({ grokfast, spectralEntropy }: OptimizerSpec, graph: Graph): number {
  const slow = grokfast ? 2 * keptOf(grokfast) * parameterCount(graph) : 0;
  if (spectralEntropy === undefined) return slow;
  return graph.parameters.reduce((sum, { shape }) => {
    const [side, length] = [Math.min(...shape), Math.max(...shape)];
    // Products of all pairs of rows, singular values, and the way back.
    return side === 1 ? sum : sum + side ** 2 * (6 * length + TURNS_FLOPS * side);
  }, slow);
}

/** Bytes one run needs on a device: weights, the optimiser's state, and a step's work on all rows at once. */
export function runBytes(config: RunConfig): number {
  const plan = planOf(config);
  const kept = plan.values.reduce((sum, value) => sum + (value.kind === 'work' ? 0 : sizeOf(value, 0)), 0);
  const { grokfast } = config.optimizer;
  const averaged = grokfast
    ? keptOf(grokfast) * parameterCount(modelGraph(config.model, taskSize(config.task)))
    : 0;
  return 4 * (kept + averaged + layoutWork(plan, plan.train, taskSize(config.task).rows).total);
}
