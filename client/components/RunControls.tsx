import type { SessionState } from '../session-state.ts';

interface RunControlsProps {
  status: SessionState['status'];
  onPause: () => void;
  onResume: () => void;
  onFinish: () => void;
  onStop: () => void;
}

export function RunControls({ status, onPause, onResume, onFinish, onStop }: RunControlsProps) {
  const isPaused = status === 'paused';
  return (
    <p class="actions">
      <button type="button" class="button button-main" onClick={isPaused ? onResume : onPause}>
        {isPaused ? 'Resume' : 'Pause'}
      </button>
      <button type="button" class="button" onClick={onFinish} disabled={status === 'finishing'}>
        {status === 'finishing' ? 'Finishing this run' : 'Finish this run'}
      </button>
      <button type="button" class="button button-quiet" onClick={onStop}>
        Stop
      </button>
    </p>
  );
}
