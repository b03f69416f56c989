import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../http.ts';

export interface Fetched<T> {
  value: T | null;
  error: ApiError | null;
  /** Fetches again now, whatever was planned. */
  refresh: () => void;
}

/** Loads something, given what was loaded before (null at first); `show` shows a part of it that is there already. */
type Load<T> = (signal: AbortSignal, before: T | null, show: (part: T) => void) => Promise<T>;

/** A server that could not be reached at first is asked again after so long. */
const RETRY_MS = 15_000;

/**
 * Fetches what a page shows, anew whenever the key changes. `againMs` says in how many milliseconds to ask again, or
 * null for never; a hidden page waits until it is seen. What was fetched stays while a repetition fails.
 */
export function useFetched<T>(
  key: string,
  load: Load<T>,
  againMs: (value: T) => number | null = () => null,
): Fetched<T> {
  const [state, setState] = useState({ key, value: null as T | null, error: null as ApiError | null });
  const start = useRef(() => {});
  useEffect(() => {
    let abort = new AbortController();
    let value: T | null = null;
    const fetchOnce = async ({ signal }: AbortController) => {
      let error: ApiError | null = null;
      const show = (part: T) => {
        if (!signal.aborted) setState({ key, value: part, error: null });
      };
      try {
        const loaded = await load(signal, value, show);
        if (!signal.aborted) value = loaded;
      } catch (e) {
        error = e instanceof ApiError ? e : new ApiError(String(e));
      }
      if (signal.aborted) return;
      setState({ key, value, error });
      const wait = value === null ? (error?.isPassing ? RETRY_MS : null) : againMs(value);
      if (wait !== null) later(wait, signal, () => start.current());
    };
    start.current = () => {
      abort.abort();
      abort = new AbortController();
      fetchOnce(abort);
    };
    fetchOnce(abort);
    return () => abort.abort();
  }, [key]);
  const refresh = () => start.current();
  return state.key === key ? { ...state, refresh } : { value: null, error: null, refresh };
}

/** Calls back after some time, once the page is visible, unless aborted. */
function later(ms: number, signal: AbortSignal, callback: () => void) {
  const timer = setTimeout(() => {
    if (!document.hidden) return callback();
    document.addEventListener('visibilitychange', callback, { once: true, signal });
  }, ms);
  signal.addEventListener('abort', () => clearTimeout(timer));
}
