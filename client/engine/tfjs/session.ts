import * as tf from '@tensorflow/tfjs-core';
import { decodeCheckpoint, encodeCheckpoint } from '../../../shared/engine/checkpoint.ts';
import type { Evaluation, Session, Training } from '../../../shared/engine/engine.ts';
import { type Classification, classification } from '../../../shared/measures/classification.ts';
import type { Graph } from '../../../shared/models/graph.ts';
import { initialWeights, modelGraph } from '../../../shared/models/index.ts';
import type { RunConfig } from '../../../shared/spec/schema.ts';
import { splitRows, taskRows } from '../../../shared/tasks/index.ts';
import type { TaskRows } from '../../../shared/tasks/task.ts';
import { type Batch, crossEntropy, logitsOf, makeBatch } from './graph.ts';

/** Weights and the optimiser's two moments of one parameter. */
interface State {
  weight: tf.Tensor2D;
  first: tf.Tensor2D;
  second: tf.Tensor2D;
}

/** One run, executed operation by operation with tfjs's own differentiation. */
export class TfjsSession implements Session {
  stepsDone = 0;
  private readonly config: RunConfig;
  private readonly graph: Graph;
  private readonly task: TaskRows;
  private readonly train: Batch;
  private readonly test: Batch;
  private state: State[];

  private readonly backend = tf.getBackend();

  constructor({ config, seed, weights, trainRows }: Training) {
    this.config = config;
    this.task = taskRows(config.task);
    this.graph = modelGraph(config.model, this.task);
    const split = trainRows
      ? { train: trainRows, test: otherRows(this.task.rows, trainRows) }
      : splitRows(config.task, seed);
    this.train = makeBatch(this.task, split.train);
    this.test = makeBatch(this.task, split.test);
    this.state = this.upload(weights ?? initialWeights(this.graph, config.init.scale, seed));
  }

  async step(count: number): Promise<void> {
    // Results are told by their backend: one that changed under a run must not pass unnoticed.
    if (tf.getBackend() !== this.backend)
      throw new Error(`tfjs went from ${this.backend} to another backend`);
    for (let i = 0; i < count; i++) this.update();
    // One small read-back keeps the queue of a GPU from growing without bound.
    const probe = tf.tidy(() => tf.sum((this.state[0] as State).weight));
    await probe.data();
    probe.dispose();
  }

  async evaluate(): Promise<Evaluation> {
    const train = await this.classify(this.train);
    const test = await this.classify(this.test);
    return {
      trainLoss: train.loss,
      trainAccuracy: train.accuracy,
      testLoss: test.loss,
      testAccuracy: test.accuracy,
    };
  }

  weights(): Promise<Float32Array[]> {
    return Promise.all(this.state.map(async ({ weight }) => Float32Array.from(await weight.data())));
  }

  async save(): Promise<Uint8Array> {
    const tensors: Float32Array[] = [];
    for (const key of ['weight', 'first', 'second'] as const) {
      for (const state of this.state) tensors.push(Float32Array.from(await state[key].data()));
    }
    return encodeCheckpoint({ step: this.stepsDone, tensors });
  }

  async restore(checkpoint: Uint8Array): Promise<void> {
    const lengths = this.graph.parameters.map(({ shape }) => shape[0] * shape[1]);
    const { step, tensors } = decodeCheckpoint(checkpoint, [...lengths, ...lengths, ...lengths]);
    const n = lengths.length;
    this.freeState();
    this.state = this.upload(tensors.slice(0, n), tensors.slice(n, 2 * n), tensors.slice(2 * n));
    this.stepsDone = step;
  }

  dispose(): void {
    this.freeState();
    for (const batch of [this.train, this.test]) tf.dispose([batch.tokenCounts, batch.oneHotTargets]);
  }

  /** Decoupled AdamW with PyTorch's bias correction (Loshchilov and Hutter 2019, algorithm 2). */
  private update(): void {
    const { lr, weightDecay, betas, eps } = this.config.optimizer;
    const [beta1, beta2] = betas;
    this.stepsDone++;
    const correction1 = 1 - beta1 ** this.stepsDone;
    const correction2 = Math.sqrt(1 - beta2 ** this.stepsDone);
    const next = tf.tidy(() => {
      const gradients = this.gradients();
      return this.state.map(({ weight, first, second }, i): State => {
        const gradient = gradients[i] as tf.Tensor2D;
        const m = tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1)) as tf.Tensor2D;
        const v = tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2)) as tf.Tensor2D;
        const denominator = tf.add(tf.mul(tf.sqrt(v), 1 / correction2), eps);
        const decayed = tf.mul(weight, 1 - lr * weightDecay);
        const moved = tf.sub(decayed, tf.mul(tf.div(m, denominator), lr / correction1)) as tf.Tensor2D;
        return { weight: moved, first: m, second: v };
      }) as unknown as tf.TensorContainer;
    }) as unknown as State[];
    this.freeState();
    this.state = next;
  }

  private gradients(): tf.Tensor[] {
    const loss = (...weights: tf.Tensor[]) =>
      crossEntropy(logitsOf(this.graph, weights as tf.Tensor2D[], this.train), this.train.oneHotTargets);
    return tf.grads(loss)(this.state.map(({ weight }) => weight));
  }

  private async classify(batch: Batch): Promise<Classification> {
    const logits = tf.tidy(() =>
      logitsOf(
        this.graph,
        this.state.map(({ weight }) => weight),
        batch,
      ),
    );
    const values = (await logits.data()) as Float32Array;
    logits.dispose();
    return classification(values, batch.targets, this.task.classes);
  }

  private upload(weights: Float32Array[], first?: Float32Array[], second?: Float32Array[]): State[] {
    return this.graph.parameters.map(({ shape }, i) => {
      const matrix = (values: Float32Array | undefined) =>
        values ? tf.tensor2d(values, [...shape]) : tf.zeros<tf.Rank.R2>([...shape]);
      return { weight: matrix(weights[i]), first: matrix(first?.[i]), second: matrix(second?.[i]) };
    });
  }

  private freeState(): void {
    for (const { weight, first, second } of this.state) tf.dispose([weight, first, second]);
  }
}

function otherRows(rows: number, chosen: Int32Array): Int32Array {
  const taken = new Set(chosen);
  return Int32Array.from({ length: rows }, (_, row) => row).filter((row) => !taken.has(row));
}
