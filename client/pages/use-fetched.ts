import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../http.ts';

export interface Fetched<T> {
  value: T | null;
  error: ApiError | null;
}

/** Loads something, given what was loaded before (null at first); `show` shows a part of it that is there already. */
type Load<T> = (signal: AbortSignal, before: T | null, show: (part: T) => void) => Promise<T>;

/**
 * Fetches what a page shows, anew whenever the key changes. `againMs` says in how many milliseconds to ask again, or
 * null for never; a hidden page waits until it is seen. What was fetched stays while a repetition fails.
 */
export function useFetched<T>(
  key: string,
  load: Load<T>,
  againMs: (value: T) => number | null = () => null,
): Fetched<T> {
  const [state, setState] = useState<Fetched<T> & { key: string }>({ key, value: null, error: null });
  useEffect(() => {
    const abort = new AbortController();
    let value: T | null = null;
    const show = (part: T) => {
      if (!abort.signal.aborted) setState({ key, value: part, error: null });
    };
    const fetchOnce = async () => {
      let error: ApiError | null = null;
      try {
        value = await load(abort.signal, value, show);
      } catch (e) {
        error = e instanceof ApiError ? e : new ApiError(String(e));
      }
      if (abort.signal.aborted) return;
      setState({ key, value, error });
      const wait = value === null ? null : againMs(value);
      if (wait !== null) later(wait, abort.signal, fetchOnce);
    };
    fetchOnce();
    return () => abort.abort();
  }, [key]);
  return state.key === key ? state : { value: null, error: null };
}

/** Calls back after some time, once the page is visible, unless aborted. */
function later(ms: number, signal: AbortSignal, callback: () => void) {
  const timer = setTimeout(() => {
    if (!document.hidden) return callback();
    document.addEventListener('visibilitychange', callback, { once: true, signal });
  }, ms);
  signal.addEventListener('abort', () => clearTimeout(timer));
}
