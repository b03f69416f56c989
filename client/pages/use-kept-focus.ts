import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Keeps the keyboard where the work is: when controls change with `state`, and the one with the focus is gone, the main
 * button among those that took their place gets it. The ref belongs on what surrounds the controls, before and after.
 */
export function useKeptFocus<T extends HTMLElement>(state: string): RefObject<T | null> {
  const box = useRef<T>(null);
  // Asked while the old controls are still there.
  const hadFocus = box.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (hadFocus && !box.current?.contains(document.activeElement))
      box.current?.querySelector<HTMLElement>('.button-main')?.focus();
  }, [state]);
  return box;
}
