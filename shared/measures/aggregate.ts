import type { Milestones } from './milestones.ts';
import { type Median, medianWait, type Waiting } from './survival.ts';

/** What the finished runs of one cell say together. Nothing is averaged; n is always shown. */
export interface CellAggregate {
  /** Finished runs. */
  n: number;
  memorised: number;
  generalised: number;
  diverged: number;
  /** Neither generalised nor diverged by the end. */
  censored: number;
  /** The last step of the runs: where tGen was not reached it is later than this. */
  lastStep: number;
  tGen: Median;
  tMem: Median;
  tGenMin: number | null;
  tGenMax: number | null;
}

/**
 * Aggregates the finished runs of a cell that train for `lastStep` steps. A diverged run never generalises: it waits
 * to the end like a censored one, since leaving it at the step it diverged would pretend it might have.
 */
export function aggregateCell(runs: readonly Milestones[], lastStep: number): CellAggregate {
  const waits = (of: 'tGen' | 'tMem'): Waiting[] =>
    runs.map((run) => ({ time: run[of] ?? lastStep, seen: run[of] !== null }));
  const reached = runs.map(({ tGen }) => tGen).filter((t) => t !== null);
  return {
    n: runs.length,
    memorised: runs.filter(({ tMem }) => tMem !== null).length,
    generalised: reached.length,
    diverged: runs.filter(({ divergedAt }) => divergedAt !== null).length,
    censored: runs.filter(({ tGen, divergedAt }) => tGen === null && divergedAt === null).length,
    lastStep,
    tGen: medianWait(waits('tGen')),
    tMem: medianWait(waits('tMem')),
    tGenMin: reached.reduce<number | null>((min, t) => (min === null || t < min ? t : min), null),
    tGenMax: reached.reduce<number | null>((max, t) => (max === null || t > max ? t : max), null),
  };
}
