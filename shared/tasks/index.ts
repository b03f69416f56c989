import { shuffled } from '../random.ts';
import type { TaskSpec } from '../spec/schema.ts';
import { modularRows, modularSize } from './modular.ts';
import type { Split, TaskRows, TaskSize } from './task.ts';

/** The registry of learning problems: one entry per `task.kind`. */
const TASKS = { modular: { size: modularSize, rows: modularRows } } as const;

export const taskSize = (task: TaskSpec): TaskSize => TASKS[task.kind].size(task);
export const taskRows = (task: TaskSpec): TaskRows => TASKS[task.kind].rows(task);

/** Rows in the training set: the fraction of all rows, rounded down. 0 where the fraction is too small. */
export const trainRowCount = (task: TaskSpec): number => Math.floor(task.trainFraction * taskSize(task).rows);

/** The run's training and test rows. For one seed, a smaller fraction trains on a subset of a larger one. */
export function splitRows(task: TaskSpec, seed: number): Split {
  const order = shuffled(seed, 'split', taskSize(task).rows);
  const trainRows = trainRowCount(task);
  return { train: order.slice(0, trainRows), test: order.slice(trainRows) };
}
