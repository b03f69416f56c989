import type { EventEmitter } from 'node:events';
import type { Control } from '../volunteer/control.ts';
import type { RunProgress } from './run-progress.ts';

/** A step that goes on for so long after Ctrl-C is worth a word. */
const PATIENCE_MS = 2000;

/** The first Ctrl-C ends the run in good order, a later one at once. */
export function stopOnSignals(
  control: Control,
  progress: Pick<RunProgress, 'say' | 'hasBegun'>,
  signals: EventEmitter = process,
): void {
  const stop = () => {
    if (control.stopped) process.exit(130);
    progress.say('Stopping; finished runs are kept (Ctrl-C again leaves at once)');
    control.stop();
    setTimeout(() => {
      const what = progress.hasBegun ? 'The step in hand' : 'The choice of an engine';
      progress.say(`${what} is finished first; Ctrl-C again does not wait for it`);
    }, PATIENCE_MS).unref();
  };
  signals.on('SIGINT', stop);
  signals.on('SIGTERM', stop);
}
