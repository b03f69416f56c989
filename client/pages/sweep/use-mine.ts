import { useMemo, useState } from 'preact/hooks';
import type { MyRunsReply } from '../../../shared/volunteers.ts';
import { getMyRuns } from '../../api-me.ts';
import { useFetched } from '../use-fetched.ts';
import { useIdentity } from '../use-identity.ts';

const REFRESH_MS = 30_000;

/** The runs of a sweep that the reader had a part in; none, and nothing is asked, where this browser is nobody. */
export function useMyRuns(sweepId: string, isOver: boolean): MyRunsReply['runs'] {
  const identity = useIdentity();
  const { value } = useFetched(
    `${identity?.token} ${sweepId}`,
    (signal) => (identity ? getMyRuns(sweepId, identity.token, signal) : Promise.resolve(NONE)),
    () => (identity && !isOver ? REFRESH_MS : null),
  );
  return value ?? NONE;
}

const NONE: MyRunsReply['runs'] = [];

export interface Mine {
  /** All there are. */
  count: number;
  /** Those to be marked: none while marking is off. */
  marked: ReadonlySet<number>;
  isShown: boolean;
  show: (isShown: boolean) => void;
}

/** The reader's own runs of a sweep, and whether they are to be marked. */
export function useMine(sweepId: string, isOver: boolean): Mine {
  const runs = useMyRuns(sweepId, isOver);
  const [isShown, show] = useState(true);
  const marked = useMemo(() => new Set(isShown ? runs.map(({ run }) => run) : []), [runs, isShown]);
  return { count: runs.length, marked, isShown, show };
}

/** How many of some runs are marked, by cell. */
export function markedByCell(
  runs: readonly { index: number; cell: number }[],
  marked: ReadonlySet<number>,
): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { index, cell } of runs) if (marked.has(index)) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  return counts;
}
