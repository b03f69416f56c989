import type { ModularTask } from '../spec/schema.ts';
import type { TaskRows, TaskSize } from './task.ts';

/** Number of pairs (a, b) the task has: p^2 or p (p + 1) / 2, less p without the diagonal. */
export function modularSize({ p, pairs, diagonal }: ModularTask): TaskSize {
  const all = pairs === 'ordered' ? p * p : (p * (p + 1)) / 2;
  return { rows: diagonal ? all : all - p, tokensPerRow: 2, vocabulary: p, features: 0, classes: p };
}

/** Every pair (a, b) of residues with target a + b mod p, a slowest; unordered pairs have a <= b. */
export function modularRows(task: ModularTask): TaskRows {
  const size = modularSize(task);
  const tokens = new Int32Array(size.rows * 2);
  const targets = new Int32Array(size.rows);
  let row = 0;
  for (let a = 0; a < task.p; a++) {
    for (let b = task.pairs === 'unordered' ? a : 0; b < task.p; b++) {
      if (a === b && !task.diagonal) continue;
      tokens.set([a, b], row * 2);
      targets[row++] = (a + b) % task.p;
    }
  }
  return { ...size, tokens, inputs: new Float32Array(0), targets };
}
