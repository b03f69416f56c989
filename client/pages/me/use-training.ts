import { useContext } from 'preact/hooks';
import type { Session } from '../../session.ts';
import { SessionContext } from '../../session-here.ts';

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
