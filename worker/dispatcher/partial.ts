// Where the curves lie of runs that were begun, are not finished, and are in nobody's hands just now.

import { stepOf } from '../../shared/ledger.ts';
import { runAt } from '../../shared/spec/sweep.ts';
import type { PartialCurve } from '../store/partial-curves.ts';
import type { SweepState } from './state.ts';

/** Of the stripe's runs from .. to - 1, in the numbers of the sweep. */
export function partialCurves(state: SweepState, { from, to }: { from: number; to: number }): PartialCurve[] {
  const { open, failed } = state.ledger;
  return [...open.values(), ...failed.values()].flatMap((unit) =>
    [...unit.progress].flatMap(([run, { checkpoint }]) => {
      const isShown = run >= from && run < to && stepOf(unit, run) > 0 && !state.isDone(run);
      if (!isShown) return [];
      const index = state.globalRun(run);
      return [{ run: index, digest: checkpoint, lastStep: runAt(state.sweep, index).config.train.steps }];
    }),
  );
}
