import type { SessionState } from '../session-state.ts';

interface RunControlsProps {
  status: SessionState['status'];
  /** How many are in hand. */
  runs: number;
  onPause: () => void;
  onResume: () => void;
  onFinish: () => void;
  onStop: () => void;
}

export function RunControls({ status, runs, onPause, onResume, onFinish, onStop }: RunControlsProps) {
  const these = runs === 1 ? 'this run' : `these ${runs} runs`;
  const isPaused = status === 'paused';
  const isFinishing = status === 'finishing';
  return (
    <p class="actions">
      <button type="button" class="button button-main" onClick={isPaused ? onResume : onPause}>
        {isPaused ? 'Resume' : 'Pause'}
      </button>
      <button type="button" class="button button-quiet" onClick={onStop}>
        Stop
      </button>
      {runs > 0 && (
        // A disabled button would drop the focus of the keyboard.
        <button
          type="button"
          class="button"
          onClick={() => !isFinishing && onFinish()}
          aria-disabled={isFinishing}
        >
          {isFinishing ? `Finishing ${these}` : `Finish ${these}`}
        </button>
      )}
    </p>
  );
}
