import { useEffect, useState } from 'preact/hooks';
import type { Advice } from '../../volunteer/advice.ts';

/** What this browser can and what to do where it cannot; null until that is known. Computes nothing. */
export function useAdvice(): Advice | null {
  const [advice, setAdvice] = useState<Advice | null>(null);
  useEffect(() => {
    let isGone = false;
    import('../../volunteer/advice-here.ts')
      .then(({ adviceHere }) => adviceHere())
      .then(
        (found) => !isGone && setAdvice(found),
        () => {},
      );
    return () => {
      isGone = true;
    };
  }, []);
  return advice;
}
