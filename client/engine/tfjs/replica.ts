import * as tf from '@tensorflow/tfjs-core';
import { encodeCheckpoint, tensorLengths } from '../../../shared/engine/checkpoint.ts';
import type { Evaluation, Training } from '../../../shared/engine/engine.ts';
import { type StepNumbers, stepNumbers } from '../../../shared/engine/optimizer.ts';
import { planOf } from '../../../shared/engine/plan.ts';
import { replicaOf } from '../../../shared/engine/replica.ts';
import { type Classification, classification } from '../../../shared/measures/classification.ts';
import type { Graph } from '../../../shared/models/graph.ts';
import { batchRow } from '../../../shared/random.ts';
import type { RunConfig } from '../../../shared/spec/schema.ts';
import type { TaskRows } from '../../../shared/tasks/task.ts';
import { type Batch, disposeBatch, makeBatch } from './batch.ts';
import { logitsOf } from './graph.ts';
import { lossGradients } from './loss.ts';

/** Which graph is computed: as its family wrote it, or as the planner rewrote it to cost less. */
export type Algebra = 'written' | 'rewritten';

/** One parameter: its weights and the optimiser's state; no `second` for sgd. */
interface State {
  weight: tf.Tensor2D;
  first: tf.Tensor2D;
  second: tf.Tensor2D | null;
}

/** One run, executed operation by operation with tfjs's own differentiation. */
export class TfjsReplica {
  stepsDone = 0;
  private readonly config: RunConfig;
  private readonly seed: number;
  private readonly graph: Graph;
  private readonly task: TaskRows;
  private readonly trainRows: Int32Array;
  private readonly train: Batch;
  private readonly test: Batch;
  private readonly masks: (tf.Tensor2D | null)[];
  private state: State[];

  constructor(training: Training, algebra: Algebra) {
    const { config, seed, masks } = training;
    const { task, order, trainRows, weights } = replicaOf(training);
    const plan = planOf(config);
    this.config = config;
    this.seed = seed;
    this.graph = algebra === 'written' ? plan.written : plan.graph;
    this.task = task;
    this.trainRows = order.subarray(0, trainRows);
    this.train = makeBatch(this.graph, task, this.trainRows);
    this.test = makeBatch(this.graph, task, order.subarray(trainRows));
    this.masks = this.graph.parameters.map(({ shape }, i) => {
      const mask = masks?.[i];
      return mask ? tf.tensor2d(Float32Array.from(mask), [...shape]) : null;
    });
    this.state = this.upload(weights);
  }

  /** One update. */
  step(): void {
    const { seed, trainRows } = this;
    const { optimizer, loss, train } = this.config;
    const { batch } = train;
    const next = tf.tidy(() => {
      const sizes = { batch: batch ?? 0, rows: trainRows.length };
      const row = (_: unknown, position: number) =>
        trainRows[batchRow({ seed, step: this.stepsDone, position }, sizes)] as number;
      const rows =
        batch === undefined
          ? this.train
          : makeBatch(this.graph, this.task, Int32Array.from({ length: batch }, row));
      const weights = this.state.map(({ weight }) => weight);
      const gradients = lossGradients({ graph: this.graph, loss: loss.kind }, weights, rows);
      const numbers = stepNumbers(optimizer, this.stepsDone + 1);
      const states = this.state.map((state, i) => {
        const [gradient, mask] = [gradients[i] as tf.Tensor2D, this.masks[i]];
        return updated(state, mask ? tf.mul(gradient, mask) : gradient, numbers);
      });
      return states as unknown as tf.TensorContainer;
    }) as unknown as State[];
    this.freeState();
    this.state = next;
    this.stepsDone++;
  }

  async evaluate(): Promise<Evaluation> {
    const [train, test] = await Promise.all([this.classify(this.train), this.classify(this.test)]);
    return {
      trainLoss: train.loss,
      trainAccuracy: train.accuracy,
      testLoss: test.loss,
      testAccuracy: test.accuracy,
    };
  }

  /** Waits until the updates are made: one small read-back keeps the queue of a GPU from growing without bound. */
  async settled(): Promise<void> {
    const probe = tf.tidy(() => tf.sum((this.state[0] as State).weight));
    await probe.data();
    probe.dispose();
  }

  weights(): Promise<Float32Array[]> {
    return Promise.all(this.state.map(async ({ weight }) => Float32Array.from(await weight.data())));
  }

  async save(): Promise<Uint8Array> {
    const parts = (['weight', 'first', 'second'] as const).flatMap((key) =>
      this.state.map((state) => state[key]),
    );
    const tensors = parts
      .filter((part) => part !== null)
      .map(async (part) => Float32Array.from(await part.data()));
    return encodeCheckpoint({ step: this.stepsDone, tensors: await Promise.all(tensors) });
  }

  get tensorLengths(): number[] {
    return tensorLengths(this.graph, this.config.optimizer.kind);
  }

  restore(step: number, tensors: readonly Float32Array[]): void {
    const n = this.graph.parameters.length;
    this.freeState();
    this.state = this.upload(tensors.slice(0, n), tensors.slice(n, 2 * n), tensors.slice(2 * n));
    this.stepsDone = step;
  }

  dispose(): void {
    this.freeState();
    for (const batch of [this.train, this.test]) disposeBatch(batch);
    for (const mask of this.masks) mask?.dispose();
  }

  private async classify(batch: Batch): Promise<Classification> {
    const weights = this.state.map(({ weight }) => weight);
    const logits = tf.tidy(() => logitsOf(this.graph, weights, batch));
    const values = (await logits.data()) as Float32Array;
    logits.dispose();
    return classification(values, batch.targets, this.task.classes, this.config.loss.kind);
  }

  private upload(
    weights: readonly Float32Array[],
    first?: readonly Float32Array[],
    second?: readonly Float32Array[],
  ): State[] {
    const hasSecond = this.config.optimizer.kind !== 'sgd';
    return this.graph.parameters.map(({ shape }, i) => {
      const matrix = (values: Float32Array | undefined) =>
        values ? tf.tensor2d(values, [...shape]) : tf.zeros<tf.Rank.R2>([...shape]);
      return {
        weight: matrix(weights[i]),
        first: matrix(first?.[i]),
        second: hasSecond ? matrix(second?.[i]) : null,
      };
    });
  }

  private freeState(): void {
    for (const { weight, first, second } of this.state)
      tf.dispose([weight, first, ...(second ? [second] : [])]);
  }
}

/** The optimiser's update, as `StepNumbers` writes it down. */
function updated({ weight, first, second }: State, gradient: tf.Tensor2D, numbers: StepNumbers): State {
  const { coupled, beta1, gain, beta2, decay, rate, root, eps } = numbers;
  const g = coupled === 0 ? gradient : tf.add<tf.Tensor2D>(gradient, tf.mul(weight, coupled));
  const m = tf.add<tf.Tensor2D>(tf.mul(first, beta1), tf.mul(g, gain));
  const kept = tf.mul(weight, decay);
  if (second === null) return { weight: tf.sub(kept, tf.mul(m, rate)), first: m, second };
  const v = tf.add<tf.Tensor2D>(tf.mul(second, beta2), tf.mul(tf.square(g), 1 - beta2));
  const change = tf.div(m, tf.add(tf.mul(tf.sqrt(v), root), eps));
  return { weight: tf.sub(kept, tf.mul(change, rate)), first: m, second: v };
}
