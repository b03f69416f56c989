import type { SessionState } from '../session-state.ts';
import { lending } from '../words/lending.ts';

interface RunControlsProps {
  status: SessionState['status'];
  /** How many are in hand. */
  runs: number;
  /** Whether single keys do the same. */
  hasKeys: boolean;
  onPause: () => void;
  onResume: () => void;
  onFinish: () => void;
  onStop: () => void;
}

export function RunControls({
  status,
  runs,
  hasKeys,
  onPause,
  onResume,
  onFinish,
  onStop,
}: RunControlsProps) {
  const say = lending().run;
  const these = runs === 1 ? say.thisRun : say.theseRuns(String(runs));
  const isPaused = status === 'paused';
  const isFinishing = status === 'finishing';
  const key = (name: string) => (hasKeys ? { 'aria-keyshortcuts': name } : {});
  return (
    <p class="actions">
      <button type="button" class="button button-main" onClick={isPaused ? onResume : onPause} {...key('p')}>
        {isPaused ? say.resume : say.pause}
      </button>
      <button type="button" class="button button-quiet" onClick={onStop} {...key('s')}>
        {say.stop}
      </button>
      {runs > 0 && (
        // A disabled button would drop the focus of the keyboard.
        <button
          type="button"
          class="button"
          onClick={() => !isFinishing && onFinish()}
          aria-disabled={isFinishing}
          {...key('f')}
        >
          {isFinishing ? say.finishing(these) : say.finish(these)}
        </button>
      )}
    </p>
  );
}
