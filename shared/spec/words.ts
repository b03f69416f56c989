// How a spec is said in plain words, the same on every page and board.

import { cellValues, type Sweep } from './sweep.ts';
import type { AxisValue, TaskSpec } from './schema.ts';

/** "optimizer.weightDecay" is "weight decay". */
export function pathWords(path: string): string {
  const last = path.split('.').at(-1) as string;
  return last.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

export function valueWords(value: AxisValue): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  return Array.isArray(value) ? value.map(valueWords).join(' / ') : String(value);
}

/** The searched parameters of a cell and their values: [{ path: "optimizer.weightDecay", words: "weight decay 1.5" }]. */
export function cellParts(sweep: Sweep, cell: number): { path: string; words: string }[] {
  const values = cellValues(sweep, cell);
  return sweep.axes.map(({ path }, i) => ({ path, words: `${pathWords(path)} ${valueWords(values[i] as AxisValue)}` }));
}

/** "weight decay 1.5, train fraction 0.3"; "the only cell" where nothing is searched. */
export const cellWords = (sweep: Sweep, cell: number): string =>
  cellParts(sweep, cell)
    .map(({ words }) => words)
    .join(', ') || 'the only cell';

/** "addition modulo 31" */
export const taskWords = (task: TaskSpec): string => `addition modulo ${task.p}`;
