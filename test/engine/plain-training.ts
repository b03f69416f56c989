// Whole trainings in float64, plainly: what every engine is held to.

import type { Evaluation, Training } from '../../shared/engine/engine.ts';
import { stepNumbers } from '../../shared/engine/optimizer.ts';
import { makePlan } from '../../shared/engine/plan.ts';
import { type Replica, replicaOf } from '../../shared/engine/replica.ts';
import type { Graph } from '../../shared/models/graph.ts';
import { batchRow } from '../../shared/random.ts';
import type { Loss } from '../../shared/spec/schema.ts';
import { gradientsOf } from './interpret.ts';
import { graphOf } from './random-runs.ts';
import { type BatchRows, forward, lossOf, type Numbers } from './reference.ts';

/** Evaluations at ascending steps, and the weights after the last of them. */
export function trainPlainly(
  training: Training,
  evaluateAt: readonly number[],
): { evaluations: Evaluation[]; weights: Numbers[] } {
  const { config, seed } = training;
  const replica = replicaOf(training);
  const { order, trainRows } = replica;
  const graph = graphOf(config);
  const batch = config.train.batch ?? trainRows;
  const plan = makePlan(graph, { batch, loss: config.loss.kind, optimizer: config.optimizer.kind });
  const weights: Numbers[] = replica.weights.map((w) => Float64Array.from(w));
  const update = updater(training, weights);
  const evaluate = (): Evaluation => {
    const measure = (rows: Int32Array) => measured(graph, config.loss.kind, weights, rowsOf(replica, rows));
    const [train, test] = [measure(order.subarray(0, trainRows)), measure(order.subarray(trainRows))];
    return {
      trainLoss: train.loss,
      trainAccuracy: train.accuracy,
      testLoss: test.loss,
      testAccuracy: test.accuracy,
    };
  };
  const evaluations: Evaluation[] = [];
  const last = evaluateAt.at(-1) as number;
  for (let step = 0; step <= last; step++) {
    if (evaluateAt.includes(step)) evaluations.push(evaluate());
    if (step === last) break;
    const rows = Int32Array.from({ length: batch }, (_, position) => {
      const drawn =
        batch < trainRows ? batchRow({ seed, step, position }, { batch, rows: trainRows }) : position;
      return order[drawn] as number;
    });
    update(step + 1, gradientsOf(plan, weights, rowsOf(replica, rows)));
  }
  return { evaluations, weights };
}

/** Updates the weights in place. */
function updater({ config, masks }: Training, weights: readonly Numbers[]) {
  const zeros = () => weights.map((w) => new Float64Array(w.length));
  const [first, second] = [zeros(), zeros()];
  return (step: number, gradients: readonly Numbers[]) => {
    const n = stepNumbers(config.optimizer, step);
    gradients.forEach((gradient, p) => {
      const [w, m, v] = [weights[p], first[p], second[p]] as [Numbers, Numbers, Numbers];
      gradient.forEach((raw, i) => {
        const g = (masks?.[p]?.[i] === 0 ? 0 : raw) + n.coupled * (w[i] as number);
        m[i] = n.beta1 * (m[i] as number) + n.gain * g;
        v[i] = n.beta2 * (v[i] as number) + (1 - n.beta2) * g * g;
        w[i] = n.decay * (w[i] as number) - (n.rate * m[i]) / (n.root * Math.sqrt(v[i]) + n.eps);
      });
    });
  };
}

function rowsOf({ task }: Replica, rows: Int32Array): BatchRows {
  const part = <T extends Int32Array | Float32Array>(values: T, columns: number) =>
    [...rows].flatMap((row) => [...values.subarray(row * columns, (row + 1) * columns)]);
  return {
    batch: rows.length,
    tokens: part(task.tokens, task.tokensPerRow),
    inputs: part(task.inputs, task.features),
    targets: part(task.targets, 1),
  };
}

function measured(graph: Graph, kind: Loss, weights: readonly Numbers[], rows: BatchRows) {
  const logits = forward(graph, weights, rows);
  const classes = logits.length / rows.batch;
  let right = 0;
  for (let r = 0; r < rows.batch; r++) {
    const own = rows.targets[r] as number;
    const row = logits.subarray(r * classes, (r + 1) * classes);
    if (row.every((z, k) => k === own || z < (row[own] as number))) right++;
  }
  return { loss: lossOf(kind, logits, rows.targets).loss, accuracy: right / rows.batch };
}
