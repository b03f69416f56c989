import { useEffect, useRef, useState } from 'preact/hooks';
import { nearestIndex, position, stepAt } from '../../plots/log-axis.ts';

/** Under five seconds, so that it needs no pause button (WCAG 2.2.2). */
const REPLAY_MS = 4500;

/** How much of a recorded curve to show: all of it where motion is not wanted, else played once at even speed on the log axis. */
export function useReplay(steps: readonly number[]): { shown: number; play: () => void } {
  const [shown, setShown] = useState(steps.length);
  const frame = useRef(0);
  const play = () => {
    cancelAnimationFrame(frame.current);
    const [from, to] = [position(steps[0] ?? 0), position(steps.at(-1) ?? 1)];
    const startMs = performance.now();
    const tick = (nowMs: number) => {
      const done = Math.min(1, Math.max(0, (nowMs - startMs) / REPLAY_MS));
      setShown(nearestIndex(steps, stepAt(from + done * (to - from))) + 1);
      if (done < 1) frame.current = requestAnimationFrame(tick);
    };
    frame.current = requestAnimationFrame(tick);
  };
  useEffect(() => {
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) play();
    return () => cancelAnimationFrame(frame.current);
  }, [steps]);
  return { shown, play };
}
