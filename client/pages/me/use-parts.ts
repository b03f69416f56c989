import type { MeReply, MyRunsReply } from '../../../shared/volunteers.ts';
import { getMyRuns } from '../../api-me.ts';
import { useFetched } from '../use-fetched.ts';

export type MyRuns = MyRunsReply['runs'];
export type MySweep = MeReply['sweeps'][number];

/** So many sweeps are looked into at once. */
export const SWEEPS_SHOWN = 10;

/** The runs of each of some sweeps that the volunteer had a part in; of a sweep that cannot be had, null. */
export function useRunsOf(sweeps: readonly MySweep[], token: string): ReadonlyMap<string, MyRuns | null> {
  const key = sweeps.map(({ sweepId, runs, credit }) => `${sweepId} ${runs} ${credit}`).join();
  const { value } = useFetched(`${token} ${key}`, async (signal) => {
    const found = sweeps.map(
      async ({ sweepId }): Promise<[string, MyRuns | null]> => [
        sweepId,
        await getMyRuns(sweepId, token, signal).catch((error) => {
          if (signal.aborted) throw error;
          return null;
        }),
      ],
    );
    return new Map(await Promise.all(found));
  });
  return value ?? new Map();
}

/** Up to which step the volunteer trained a run that is not finished. */
export const trainedTo = ({ segments }: MyRuns[number]): number => segments.at(-1)?.to ?? 0;
