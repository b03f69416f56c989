import { useContext, useEffect, useState } from 'preact/hooks';
import type { Identity } from '../../identity.ts';
import type { Session } from '../../session.ts';
import { SessionContext } from '../../session-here.ts';
import type { KeptHere } from '../../volunteer/kept-here.ts';

/** What this browser holds of a volunteer's work; null until that is known. */
export function useKept(identity: Identity | null): KeptHere | null {
  const [kept, setKept] = useState<KeptHere | null>(null);
  const token = identity?.token ?? null;
  useEffect(() => {
    let isGone = false;
    setKept(null);
    if (token !== null)
      import('../../volunteer/kept-here.ts')
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

/** Whether this tab trains, and what stops that and waits until it has stopped. */
export function useTraining(): { isTraining: boolean; stop: () => Promise<void> } {
  const session = useContext(SessionContext) as Session;
  const stop = () =>
    new Promise<void>((resolve) => {
      session.stop();
      const end = session.state.subscribe(({ status }) => {
        if (status !== 'off') return;
        resolve();
        // It is told at once too, before `end` is there.
        queueMicrotask(() => end());
      });
    });
  const isTraining = session.state.value.status !== 'off';
  return { isTraining, stop: isTraining ? stop : async () => {} };
}
