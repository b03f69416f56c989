import * as tf from '@tensorflow/tfjs-core';
import { type Graph, type Lookup, nodeShapes } from '../../../shared/models/graph.ts';
import type { TaskRows } from '../../../shared/tasks/task.ts';

/** A set of rows ready for the device. */
export interface Batch {
  rows: number;
  /** The numbers of the rows: [rows, features]; null where rows are tokens. */
  inputs: tf.Tensor2D | null;
  /** For each lookup, by its node, how often each row of its table is looked up: [rows or rows * tokens, table rows]. */
  counts: ReadonlyMap<number, tf.Tensor2D>;
  /** [rows, classes] */
  oneHotTargets: tf.Tensor2D;
  targets: Int32Array; // [rows]
}

/**
 * Writes the rows out as matrices. Lookups become matrix products with token counts, because the gradient of gather
 * is missing on the wasm backend and not reproducible on WebGPU (float atomics), as of tfjs 4.22.
 */
export function makeBatch(graph: Graph, task: TaskRows, rows: Int32Array): Batch {
  const shapes = nodeShapes(graph);
  const made = new Map<string, tf.Tensor2D>();
  const counts = new Map<number, tf.Tensor2D>();
  graph.nodes.forEach((node, i) => {
    if (node.op !== 'lookup') return;
    const tableRows = shapes[node.table]?.rows.count as number;
    const { positions, tokenStride, positionStride } = node;
    const form = JSON.stringify([positions, tokenStride, positionStride, tableRows]);
    const matrix = made.get(form) ?? lookupCounts(node, tableRows, task, rows);
    made.set(form, matrix);
    counts.set(i, matrix);
  });
  const targets = Int32Array.from(rows, (row) => task.targets[row] as number);
  const oneHot = new Float32Array(rows.length * task.classes);
  targets.forEach((target, i) => {
    oneHot[i * task.classes + target] = 1;
  });
  return {
    rows: rows.length,
    inputs: task.features > 0 ? inputsOf(task, rows) : null,
    counts,
    oneHotTargets: tf.tensor2d(oneHot, [rows.length, task.classes]),
    targets,
  };
}

export function disposeBatch({ inputs, counts, oneHotTargets }: Batch): void {
  tf.dispose([oneHotTargets, ...counts.values(), ...(inputs ? [inputs] : [])]);
}

function inputsOf(task: TaskRows, rows: Int32Array): tf.Tensor2D {
  const { features } = task;
  const inputs = new Float32Array(rows.length * features);
  rows.forEach((row, i) => {
    inputs.set(task.inputs.subarray(row * features, (row + 1) * features), i * features);
  });
  return tf.tensor2d(inputs, [rows.length, features]);
}

function lookupCounts(lookup: Lookup, tableRows: number, task: TaskRows, rows: Int32Array): tf.Tensor2D {
  const { positions, tokenStride, positionStride } = lookup;
  const tokens = task.tokensPerRow;
  const perRow = positions === 'each' ? tokens : 1;
  const counts = new Float32Array(rows.length * perRow * tableRows);
  rows.forEach((row, i) => {
    for (let position = 0; position < tokens; position++) {
      if (typeof positions === 'number' && position !== positions) continue;
      const token = task.tokens[row * tokens + position] as number;
      const outRow = positions === 'each' ? i * tokens + position : i;
      const at = outRow * tableRows + token * tokenStride + position * positionStride;
      counts[at] = (counts[at] as number) + 1;
    }
  });
  return tf.tensor2d(counts, [rows.length * perRow, tableRows]);
}
