import * as tf from '@tensorflow/tfjs-core';
import type { Activation, Graph, GraphNode } from '../../../shared/models/graph.ts';
import type { TaskRows } from '../../../shared/tasks/task.ts';

/** A set of rows ready for the device. */
export interface Batch {
  /** How often each token of the vocabulary occurs in a row: [rows, vocabulary]. */
  tokenCounts: tf.Tensor2D;
  /** [rows, classes] */
  oneHotTargets: tf.Tensor2D;
  targets: Int32Array; // [rows]
}

/**
 * Writes the rows out as matrices. Lookups become matrix products with token counts, because the gradient of gather
 * is missing on the wasm backend and not reproducible on WebGPU (float atomics), as of tfjs 4.22.
 */
export function makeBatch(task: TaskRows, rows: Int32Array): Batch {
  const counts = new Float32Array(rows.length * task.vocabulary);
  const oneHot = new Float32Array(rows.length * task.classes);
  const targets = new Int32Array(rows.length);
  rows.forEach((row, i) => {
    for (let t = 0; t < task.tokensPerRow; t++) {
      const at = i * task.vocabulary + (task.tokens[row * task.tokensPerRow + t] as number);
      counts[at] = (counts[at] as number) + 1;
    }
    targets[i] = task.targets[row] as number;
    oneHot[i * task.classes + targets[i]] = 1;
  });
  return {
    tokenCounts: tf.tensor2d(counts, [rows.length, task.vocabulary]),
    oneHotTargets: tf.tensor2d(oneHot, [rows.length, task.classes]),
    targets,
  };
}

const GELU_SCALE = Math.sqrt(2 / Math.PI);

const ACTIVATIONS: Record<Activation, (x: tf.Tensor2D) => tf.Tensor2D> = {
  relu: (x) => tf.relu(x),
  tanh: (x) => tf.tanh(x),
  quadratic: (x) => tf.square(x),
  // The tanh form of Hendrycks and Gimpel 2016, section 2.
  gelu: (x) =>
    tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), GELU_SCALE)), 1)),
};

/** The logits [rows, classes] of a batch, as the graph is written. */
export function logitsOf(graph: Graph, parameters: readonly tf.Tensor2D[], batch: Batch): tf.Tensor2D {
  const values: tf.Tensor2D[] = [];
  const at = (i: number) => values[i] as tf.Tensor2D;
  const compute = (node: GraphNode): tf.Tensor2D => {
    switch (node.op) {
      case 'parameter':
        return parameters[node.parameter] as tf.Tensor2D;
      case 'embed-sum':
        return tf.matMul(batch.tokenCounts, at(node.table));
      case 'matmul':
        return tf.matMul(at(node.left), at(node.right));
      case 'activation':
        return ACTIVATIONS[node.kind](at(node.input));
    }
  };
  for (const node of graph.nodes) values.push(compute(node));
  return at(graph.logits);
}

/**
 * A scalar whose gradient with respect to the logits is that of the mean cross-entropy. At the true class it is
 * minus the sum of the other probabilities, not p - 1: float32 would round the latter to 0 and stall the loss.
 * The scalar's own value is 0; the loss is read off the logits when a run is evaluated.
 */
export function crossEntropy(logits: tf.Tensor2D, oneHotTargets: tf.Tensor2D): tf.Scalar {
  const rows = logits.shape[0];
  const withExactGradient = tf.customGrad((z, save) => {
    (save as (tensors: tf.Tensor[]) => void)([z as tf.Tensor]);
    const gradFunc = (_dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [x] = saved as [tf.Tensor2D];
      const exp = tf.exp(tf.sub(x, tf.max(x, 1, true)));
      const others = tf.mul(exp, tf.sub(1, oneHotTargets));
      const otherSum = tf.sum(others, 1, true);
      const scale = tf.mul(tf.sum(exp, 1, true), rows);
      return tf.div(tf.sub(others, tf.mul(oneHotTargets, otherSum)), scale);
    };
    return { value: tf.scalar(0), gradFunc };
  });
  return withExactGradient(logits) as tf.Scalar;
}
