import { useEffect, useRef, useState } from 'preact/hooks';
import type { LogLine } from '../session-state.ts';

/** Reading a line takes some seconds; much is done meanwhile. */
const APART_MS = 15_000;

/** Reads out what happened last, to those who listen, and not more often than can be listened to. */
export function Announcer({ line }: { line: LogLine | null }) {
  const [said, say] = useState<LogLine | null>(line);
  const saidAtMs = useRef(0);
  useEffect(() => {
    if (!line || line.id === said?.id) return;
    const wait = Math.max(0, saidAtMs.current + APART_MS - performance.now());
    const timer = setTimeout(() => {
      saidAtMs.current = performance.now();
      say(line);
    }, wait);
    return () => clearTimeout(timer);
  }, [line?.id]);
  return (
    <p class="visually-hidden" role="status">
      {said !== line || saidAtMs.current > 0 ? said?.words : null}
    </p>
  );
}
