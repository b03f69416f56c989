import { shuffled } from '../random.ts';
import type { TaskSpec } from '../spec/schema.ts';
import { modularRows, modularSize } from './modular.ts';
import { parityRows, paritySize } from './parity.ts';
import type { Split, TaskRows, TaskSize } from './task.ts';

/** The sizes of a task: with `taskRows`, the registry of learning problems, one case per `task.kind`. */
export const taskSize = (task: TaskSpec): TaskSize =>
  task.kind === 'modular' ? modularSize(task) : paritySize(task);

export const taskRows = (task: TaskSpec): TaskRows =>
  task.kind === 'modular' ? modularRows(task) : parityRows(task);

/** Rows in the training set: as many as the task says, or its fraction of all, rounded down. 0 where that is too small. */
export const trainRowCount = (task: TaskSpec): number =>
  task.kind === 'modular' ? Math.floor(task.trainFraction * taskSize(task).rows) : task.trainRows;

/** The run's training and test rows. For one seed, a smaller training set is a subset of a larger one. */
export function splitRows(task: TaskSpec, seed: number): Split {
  const order = shuffled(seed, 'split', taskSize(task).rows);
  const trainRows = trainRowCount(task);
  return { train: order.slice(0, trainRows), test: order.slice(trainRows) };
}
