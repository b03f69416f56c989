import type { SweepSummary } from '../../shared/protocol.ts';
import type { Preference } from '../../shared/work.ts';
import { getSweepHead } from '../api.ts';
import { ApiError } from '../http.ts';
import { useFetched } from './use-fetched.ts';

/** What a volunteer should know of a wish that has no work; null for one that has, and while that is not known. */
export function useWishNote(wish: Preference | null, open: readonly SweepSummary[] | null): string | null {
  const id = open && !open.some((sweep) => sweep.id === wish?.sweepId) ? (wish?.sweepId ?? null) : null;
  const { value } = useFetched(`wish ${id}`, async (signal) => (id ? noteOf(id, signal) : null));
  return value;
}

async function noteOf(id: string, signal: AbortSignal): Promise<string | null> {
  try {
    const { title, mode, finishedRuns, failedRuns, runs } = (await getSweepHead(id, signal)).sweep;
    if (mode === 'cancelled') return `“${title}” was cancelled. ${ELSEWHERE}`;
    if (finishedRuns + failedRuns >= runs) return `“${title}” has no runs left to train. ${ELSEWHERE}`;
    return mode === 'paused' ? `“${title}” is paused. Until it goes on, other sweeps get the work.` : null;
  } catch (error) {
    const isMissing = error instanceof ApiError && error.code === 'not-found';
    if (isMissing) return `There is no sweep ${id}. ${ELSEWHERE}`;
    throw error;
  }
}

const ELSEWHERE = 'Other sweeps get the work.';
