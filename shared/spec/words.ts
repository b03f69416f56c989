// How a spec is said in plain words, the same on every page and board.

import type { AxisValue, RunConfig } from './schema.ts';

/** "optimizer.weightDecay" is "weight decay". */
export function pathWords(path: string): string {
  const last = path.split('.').at(-1) as string;
  return last.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

export function valueWords(value: AxisValue): string {
  if (typeof value === 'number')
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  return Array.isArray(value) ? value.map(valueWords).join(' / ') : String(value);
}

/** A cell by its searched parameters: "weight decay 1.5, train fraction 0.3"; "the only cell" without any. */
export const cellWords = (paths: readonly string[], values: readonly AxisValue[]): string =>
  paths.map((path, i) => `${pathWords(path)} ${valueWords(values[i] as AxisValue)}`).join(', ') ||
  'the only cell';

/** What makes waiting times comparable: "addition modulo 31, unordered pairs, 95 % right". */
export function boardWords({ task, threshold }: Pick<RunConfig, 'task' | 'threshold'>): string {
  const pairs = `${task.pairs} pairs${task.diagonal ? '' : ' without the diagonal'}`;
  return `addition modulo ${task.p}, ${pairs}, ${valueWords(100 * threshold)} % right`;
}
