import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Keeps the keyboard where the work is: when controls change with `state`, and the one with the focus is gone, the main
 * button among those that take their place gets it, as soon as there is one. The ref belongs on what surrounds the
 * controls, before and after.
 */
export function useKeptFocus<T extends HTMLElement>(state: string): RefObject<T | null> {
  const box = useRef<T>(null);
  const isAstray = useRef(false);
  // Asked while the old controls are still there.
  const hadFocus = box.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (hadFocus && !box.current?.contains(document.activeElement)) isAstray.current = true;
  }, [state]);
  useLayoutEffect(() => {
    if (!isAstray.current) return;
    const main = box.current?.querySelector<HTMLElement>('.button-main');
    // Somebody may have gone on from nowhere meanwhile.
    const isNowhere = document.activeElement === document.body;
    if (main && isNowhere) main.focus();
    isAstray.current = isNowhere && !main;
  });
  return box;
}
