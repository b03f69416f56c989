// The curves of the runs in hand as they are drawn: each run by itself, or those of a cell as a band.

import type { GroupInHand, GroupPoint, RunInHand } from '../../engine/messages.ts';
import { type Band, bandOf, type Line } from '../../plots/run-band.ts';
import type { Metric, RunChartState } from '../../plots/run-chart.ts';
import type { Flags } from '../../plots/run-flags.ts';

const CHANNELS = {
  accuracy: { train: 'trainAccuracy', test: 'testAccuracy' },
  loss: { train: 'trainLoss', test: 'testLoss' },
} as const;

/** The curve of each of so many runs, from a step on that counts as their first. Each ends where its run diverged. */
export function linesOf(
  points: readonly GroupPoint[],
  metric: Metric,
  { from, runs }: { from: number; runs: number },
): Line[] {
  const { train, test } = CHANNELS[metric];
  const later = points.filter(({ step }) => step >= from);
  return Array.from({ length: runs }, (_, replica) => {
    const known = later.filter(({ of }) => of[replica]);
    return {
      steps: known.map(({ step }) => step - from),
      train: known.map(({ of }) => of[replica]?.[train] ?? Number.NaN),
      test: known.map(({ of }) => of[replica]?.[test] ?? Number.NaN),
    };
  });
}

/** The runs of one cell, by their places in the group. */
export interface CellInHand {
  cell: number;
  label: string;
  places: number[];
}

/** In the order in which they come in the group. */
export const cellsOf = ({ runs }: Pick<GroupInHand, 'runs'>): CellInHand[] =>
  [...Map.groupBy(runs.keys(), (place) => (runs[place] as RunInHand).cell)].map(([cell, places]) => ({
    ...{ cell, places },
    label: runs[places[0] as number]?.label ?? '',
  }));

type Drawn = Pick<RunChartState, 'curves' | 'band' | 'marks' | 'tMem' | 'tGen'>;

/** The first run bold with its flags, the others thin. */
export function asLines(lines: readonly Line[], flags: readonly Flags[]): Drawn {
  const [first = { steps: [], train: [], test: [] }, ...others] = lines;
  const [own = { tMem: null, tGen: null }, ...marks] = flags;
  return { curves: { ...first, others }, band: null, marks, ...own };
}

/** The runs of a cell as a band, its median bold. Milestones have a mark each: those of a median would be of no run. */
export function asBand(lines: readonly Line[], flags: readonly Flags[], { places }: CellInHand): Drawn {
  const band: Band = bandOf(places.map((place) => lines[place] as Line));
  const curves = { steps: band.steps, train: band.train[2] ?? [], test: band.test[2] ?? [] };
  return { curves, band, marks: places.map((place) => flags[place] as Flags), tMem: null, tGen: null };
}

/** How many runs reached a milestone. */
export const countOf = (flags: readonly Flags[], name: keyof Flags): number =>
  flags.filter(({ [name]: step }) => step !== null).length;
