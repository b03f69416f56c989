import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Takes the keyboard to what the ref is on when `state` changes and leaves it nowhere: what had it is gone. */
export function useFocusOn<T extends HTMLElement>(state: string | null): RefObject<T | null> {
  const place = useRef<T>(null);
  const before = useRef(state);
  useEffect(() => {
    const hasChanged = before.current !== state;
    before.current = state;
    if (hasChanged && document.activeElement === document.body) place.current?.focus();
  }, [state]);
  return place;
}
