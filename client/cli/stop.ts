// How a volunteer on a terminal ends: the first signal hands everything in or back, the second leaves at once.

import { constants } from 'node:os';

/** A signal that comes twice in such a time was sent once: to this program, and by whoever started it and got it too. */
const SAME_MS = 400;

export interface Stoppable {
  stop(): void;
  say(words: string): void;
  /** Ends the program. */
  exit(code: number): void;
  nowMs(): number;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
type Signal = (typeof SIGNALS)[number];

/** What to do at each signal. The exit status after a second one is what a shell gives: 130 or 143. */
export function onSignal({ stop, say, exit, nowMs }: Stoppable): (signal: Signal) => void {
  let firstMs: number | null = null;
  return (signal) => {
    if (firstMs === null) {
      firstMs = nowMs();
      say(
        'Stopping: handing in how far the runs in hand are, and the rest back (Ctrl-C again leaves at once)',
      );
      stop();
    } else if (nowMs() - firstMs > SAME_MS) exit(128 + constants.signals[signal]);
  };
}

export function stopOnSignals(wishes: Pick<Stoppable, 'stop' | 'say'>): void {
  const handle = onSignal({
    ...wishes,
    exit: (code) => process.exit(code),
    nowMs: () => performance.now(),
  });
  for (const signal of SIGNALS) process.on(signal, handle);
}
