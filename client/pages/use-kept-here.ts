import { useEffect, useState } from 'preact/hooks';
import type { Identity } from '../identity.ts';
import type { KeptHere } from '../volunteer/kept-here.ts';

/** What this browser holds of a volunteer's work; null until that is known. */
export function useKeptHere(identity: Identity | null): KeptHere | null {
  const [kept, setKept] = useState<KeptHere | null>(null);
  const token = identity?.token ?? null;
  useEffect(() => {
    let isGone = false;
    setKept(null);
    if (token !== null)
      import('../volunteer/kept-here.ts')
        .then(({ keptHere }) => keptHere(token))
        .then(
          (found) => !isGone && setKept(found),
          () => {},
        );
    return () => {
      isGone = true;
    };
  }, [token]);
  return kept;
}
