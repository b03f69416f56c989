import type { Preference } from '../../shared/work.ts';
import { getSweepHead } from '../api.ts';
import type { OpenSweep } from '../components/PreferenceChoice.tsx';
import { ApiError } from '../http.ts';
import { lending } from '../words/lending.ts';
import { useFetched } from './use-fetched.ts';

/** What a volunteer should know of a wish that has no work; null for one that has, and while that is not known. */
export function useWishNote(wish: Preference | null, open: readonly OpenSweep[] | null): string | null {
  const id = open && !open.some((sweep) => sweep.id === wish?.sweepId) ? (wish?.sweepId ?? null) : null;
  const { value } = useFetched(`wish ${id}`, async (signal) => (id ? noteOf(id, signal) : null));
  const phenomenon = wish?.phenomenon ?? null;
  if (open && phenomenon !== null && !open.some((sweep) => sweep.phenomenon === phenomenon)) {
    const { cause, phenomena } = lending().settings;
    return cause.nothingFor(phenomena[phenomenon]);
  }
  return value;
}

async function noteOf(id: string, signal: AbortSignal): Promise<string | null> {
  const say = lending().settings.cause;
  try {
    const { title, mode, finishedRuns, failedRuns, runs } = (await getSweepHead(id, signal)).sweep;
    if (mode === 'cancelled') return say.cancelled(title);
    if (finishedRuns + failedRuns >= runs) return say.noneLeft(title);
    return mode === 'paused' ? say.paused(title) : null;
  } catch (error) {
    const isMissing = error instanceof ApiError && error.code === 'not-found';
    if (isMissing) return say.missing(id);
    throw error;
  }
}
