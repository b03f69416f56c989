import { permuted } from '../random.ts';
import type { ParityTask } from '../spec/schema.ts';
import type { TaskRows, TaskSize } from './task.ts';

export const paritySize = ({ bits, trainRows, testRows }: ParityTask): TaskSize => ({
  rows: trainRows + testRows,
  tokensPerRow: 0,
  vocabulary: 0,
  features: bits,
  classes: 2,
});

/**
 * Sparse parity (Barak et al. 2022, section 2): rows of bits as -1 and 1, all different and random, and whether an odd
 * number of the first `relevant` of them is -1. Which bits are relevant makes no difference to a network, so the
 * first are.
 */
export function parityRows(task: ParityTask): TaskRows {
  const size = paritySize(task);
  const inputs = new Float32Array(size.rows * task.bits);
  const targets = new Int32Array(size.rows);
  for (let row = 0; row < size.rows; row++) {
    const number = permuted(0, 'data', row, 2 ** task.bits);
    for (let bit = 0; bit < task.bits; bit++) {
      const isSet = Math.floor(number / 2 ** bit) % 2 === 1;
      inputs[row * task.bits + bit] = isSet ? -1 : 1;
      if (isSet && bit < task.relevant) targets[row] = 1 - (targets[row] as number);
    }
  }
  return { ...size, tokens: new Int32Array(0), inputs, targets };
}
