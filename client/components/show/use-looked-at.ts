import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

/** Tells whether an element is looked at: `isOpen`, on the screen and in a visible tab. Tells false when it goes. */
export function useLookedAt(
  element: RefObject<Element | null>,
  isOpen: boolean,
  tell: (isLookedAt: boolean) => void,
): void {
  useEffect(() => {
    let isOnScreen = false;
    let told = false;
    const judge = () => {
      const is = isOpen && isOnScreen && document.visibilityState === 'visible';
      if (is !== told) tell(is);
      told = is;
    };
    const seen = new IntersectionObserver((entries) => {
      isOnScreen = entries.at(-1)?.isIntersecting ?? false;
      judge();
    });
    if (element.current) seen.observe(element.current);
    document.addEventListener('visibilitychange', judge);
    return () => {
      seen.disconnect();
      document.removeEventListener('visibilitychange', judge);
      if (told) tell(false);
    };
  }, [isOpen, tell]);
}
