// One replica in the kernels' memory: its weights, its optimiser's state, its data and its calls.

import { PURPOSES } from '../../random.ts';
import type { Evaluation, Training } from '../engine.ts';
import type { Op, Value, ValueId } from '../ops.ts';
import { stepNumbers } from '../optimizer.ts';
import { placeOf } from '../plan.ts';
import type { Replica } from '../replica.ts';
import { type Call, compileOps } from './compile.ts';
import type { Kernels } from './kernels.ts';
import type { Layout } from './layout.ts';

export interface Machine {
  kernels: Kernels;
  memory: ArrayBuffer;
  layout: Layout;
}

/** Which of a session's replicas, and what it trains on. */
interface Place {
  training: Training;
  index: number;
  data: Replica;
}

export class ReplicaRun {
  private readonly machine: Machine;
  private readonly training: Training;
  private readonly index: number;
  private readonly data: Replica;
  private readonly step: Call[];
  /** A forward pass: what is the same for every batch, and the rest by its number of rows. */
  private readonly once: Call[];
  private readonly perBatch = new Map<number, Call[]>();

  constructor(machine: Machine, { training, index, data }: Place) {
    this.machine = machine;
    this.training = training;
    this.index = index;
    this.data = data;
    const { plan } = machine.layout;
    this.step = this.compile(plan.train, plan.batch, machine.layout.trainWork);
    this.once = this.compile(machine.layout.once, 0, machine.layout.evaluationWork);
    this.write(plan.weights, this.data.weights);
    training.masks?.forEach((mask, i) => {
      const weight = plan.weights[i] as ValueId;
      const at = machine.layout.mask(weight, index);
      const { columns, stride } = this.value(weight);
      const bits = new Int32Array(machine.memory, at, this.rowsOf(weight) * stride);
      const length = this.rowsOf(weight) * columns;
      for (let j = 0; j < length; j++)
        bits[Math.floor(j / columns) * stride + (j % columns)] = mask && !mask[j] ? 0 : -1;
    });
  }

  /** Makes the updates numbered `from` + 1 to `until`. */
  train(from: number, until: number): void {
    const isWhole = this.machine.layout.plan.batch === this.data.trainRows;
    if (isWhole) this.stage(this.data.order.subarray(0, this.data.trainRows));
    for (let step = from; step < until; step++) {
      if (!isWhole) this.stage(this.miniBatch(step));
      const numbers = stepNumbers(this.training.config.optimizer, step + 1);
      for (const call of this.step) call(numbers);
    }
  }

  /** Rows of the task in the mini-batch of a step, counted from 0; `batchRow` says which. */
  private miniBatch(step: number): Int32Array {
    const { kernels, layout, memory } = this.machine;
    const { batch } = layout.plan;
    const { order, trainRows } = this.data;
    const stepsPerPass = Math.floor(trainRows / batch);
    const first = (step % stepsPerPass) * batch;
    const stream = permutedStream(Math.floor(step / stepsPerPass));
    const at = layout.shared.rowNumbers;
    kernels.permutedRows(at, first, batch, trainRows, this.training.seed, PURPOSES.batch, stream);
    const rows = new Int32Array(memory, at, batch);
    for (let i = 0; i < batch; i++) rows[i] = order[rows[i] as number] as number;
    return rows;
  }

  evaluate(): Evaluation {
    const { order, trainRows } = this.data;
    for (const call of this.once) call(NO_NUMBERS);
    const [trainLoss, trainAccuracy] = this.measure(order.subarray(0, trainRows));
    const [testLoss, testAccuracy] = this.measure(order.subarray(trainRows));
    return { trainLoss, trainAccuracy, testLoss, testAccuracy };
  }

  /** Copies of values, without what fills their rows up; NaN has one pattern of bits whatever made it. */
  read(ids: readonly ValueId[]): Float32Array[] {
    return ids.map((id) => {
      const { columns, stride } = this.value(id);
      const padded = this.view(id);
      const values = new Float32Array(this.rowsOf(id) * columns);
      for (let i = 0; i < values.length; i++) {
        const value = padded[Math.floor(i / columns) * stride + (i % columns)] as number;
        values[i] = Number.isNaN(value) ? Number.NaN : value;
      }
      return values;
    });
  }

  write(ids: readonly ValueId[], tensors: readonly Float32Array[]): void {
    ids.forEach((id, i) => {
      const { columns, stride } = this.value(id);
      const padded = this.view(id);
      (tensors[i] as Float32Array).forEach((value, j) => {
        padded[Math.floor(j / columns) * stride + (j % columns)] = value;
      });
    });
  }

  /** Mean loss and accuracy over rows of the task. */
  private measure(rows: Int32Array): [number, number] {
    const { kernels, memory, layout } = this.machine;
    const { plan, evaluationRows, shared, evaluationWork } = layout;
    const { columns, stride } = this.value(plan.logits);
    const logits = evaluationWork(plan.logits);
    const result = new Float64Array(memory, shared.result, 2).fill(0);
    const isSquared = plan.loss === 'squared-error';
    for (let start = 0; start < rows.length; start += evaluationRows) {
      const chunk = rows.subarray(start, start + evaluationRows);
      this.stage(chunk);
      for (const call of this.perBatchOf(chunk.length)) call(NO_NUMBERS);
      kernels.evaluate(logits, shared.targets, shared.result, chunk.length, columns, 4 * stride, +isSquared);
    }
    const [loss, right] = result as unknown as [number, number];
    return [loss / (rows.length * (isSquared ? columns : 1)), right / rows.length];
  }

  private perBatchOf(rows: number): Call[] {
    const known = this.perBatch.get(rows);
    if (known) return known;
    const { perBatch, evaluationWork } = this.machine.layout;
    const calls = this.compile(perBatch, rows, evaluationWork);
    this.perBatch.set(rows, calls);
    return calls;
  }

  /** Puts rows of the task where the kernels look for a batch. */
  private stage(rows: Int32Array): void {
    const { shared } = this.machine.layout;
    const { tokens, targets, inputs, tokensPerRow, features } = this.data.task;
    const { memory } = this.machine;
    const tokensOut = new Int32Array(memory, shared.tokens, rows.length * tokensPerRow);
    const targetsOut = new Int32Array(memory, shared.targets, rows.length);
    const inputsOut = new Float32Array(memory, shared.inputs, rows.length * features);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      targetsOut[i] = targets[row] as number;
      for (let t = 0; t < tokensPerRow; t++)
        tokensOut[i * tokensPerRow + t] = tokens[row * tokensPerRow + t] as number;
      for (let f = 0; f < features; f++) inputsOut[i * features + f] = inputs[row * features + f] as number;
    }
  }

  private compile(ops: readonly Op[], rows: number, work: (id: ValueId) => number): Call[] {
    const { kernels, layout } = this.machine;
    const { plan, shared, kept, mask } = layout;
    const isWork = (id: ValueId) => this.value(placeOf(plan.values, id).value).kind === 'work';
    return compileOps(ops, {
      kernels,
      values: plan.values,
      address: (id) => (isWork(id) ? work(id) : kept(id, this.index)),
      maskOf: (weight) =>
        this.training.masks?.[plan.weights.indexOf(weight)] ? mask(weight, this.index) : null,
      task: this.data.task,
      rows,
      ...shared,
    });
  }

  private value = (id: ValueId): Value => this.machine.layout.plan.values[id] as Value;
  private rowsOf = (id: ValueId): number => this.value(id).rows.count;

  private view(id: ValueId): Float32Array {
    const { memory, layout } = this.machine;
    return new Float32Array(memory, layout.kept(id, this.index), this.rowsOf(id) * this.value(id).stride);
  }
}

const NO_NUMBERS = { coupled: 0, beta1: 0, gain: 0, beta2: 0, decay: 1, rate: 0, root: 0, eps: 1 };

/** The stream of `permuted` in which a pass's order lies. */
const permutedStream = (pass: number): number => 256 + 4 * pass;
