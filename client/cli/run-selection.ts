import { type Run, runAt, type Sweep, shapeOf } from '../../shared/spec/sweep.ts';
import { Refusal } from './local/refusal.ts';

export interface Selection {
  /** Runs and ranges of runs, as in "0-7,12"; all where it is left out. */
  runs?: string | undefined;
  /** A seed instead of the sweep's own: each selected configuration is then run once. */
  seed?: number | undefined;
}

/** The runs asked for, ascending. Refuses what is no list and what the sweep does not have. */
export function selectRuns(sweep: Sweep, { runs, seed }: Selection): Run[] {
  const indices = runs === undefined ? range(0, sweep.runs - 1) : indicesOf(runs, sweep.runs);
  const selected = indices.map((index) => runAt(sweep, index));
  if (seed === undefined) return selected;
  const once = new Map<number, Run>();
  for (const run of selected) if (!once.has(run.cell)) once.set(run.cell, { ...run, seed });
  return [...once.values()];
}

function indicesOf(list: string, runs: number): number[] {
  const chosen = new Set<number>();
  for (const part of list.split(',')) {
    const [, first, last = first] = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === undefined || from > to)
      throw new Refusal(`--runs: "${part}" is neither a run nor a range; write for example --runs 0-7,12`);
    if (to >= runs) throw new Refusal(`--runs: there is no run ${to}; this sweep has runs 0 to ${runs - 1}`);
    for (const index of range(from, to)) chosen.add(index);
  }
  return [...chosen].sort((a, b) => a - b);
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The runs with those that can be trained together side by side, in the order of the first of each kind. */
export function alikeTogether(runs: readonly Run[]): Run[] {
  const kinds = Map.groupBy(runs, ({ config }) =>
    JSON.stringify([shapeOf(config), config.loss.kind, config.optimizer.kind]),
  );
  return [...kinds.values()].flat();
}
