import { useState } from 'preact/hooks';
import type { SweepSummary } from '../../../shared/protocol.ts';
import { runsWords } from '../../format.ts';
import { useKeptFocus } from '../use-kept-focus.ts';
import type { Change } from './sweep-change.ts';

interface ModeFormProps {
  mode: SweepSummary['mode'];
  failedRuns: number;
  onChange: Change;
}

/** Pause and resume at once; cancel only after it was asked again. */
export function ModeForm({ mode, failedRuns, onChange }: ModeFormProps) {
  const [isAsking, setAsking] = useState(false);
  const box = useKeptFocus<HTMLFieldSetElement>(`${mode} ${isAsking}`);
  if (mode === 'cancelled')
    return <p>This sweep was cancelled, which is final. Post it under another name to train what is left.</p>;
  const cancel = async () => {
    setAsking(false);
    await onChange({ mode: 'cancelled' }, 'Cancelled. What devices have in hand may still come in.');
  };
  return (
    <fieldset ref={box} class="part">
      <legend>Handing out work</legend>
      {isAsking ? (
        <Confirm onCancel={cancel} onKeep={() => setAsking(false)} />
      ) : (
        <Buttons mode={mode} failedRuns={failedRuns} onChange={onChange} onAsk={() => setAsking(true)} />
      )}
    </fieldset>
  );
}

interface ButtonsProps extends ModeFormProps {
  mode: 'running' | 'paused';
  onAsk: () => void;
}

function Buttons({ mode, failedRuns, onChange, onAsk }: ButtonsProps) {
  const isPaused = mode === 'paused';
  const toggle = () =>
    isPaused
      ? onChange({ mode: 'running' }, 'Resumed. Work is handed out again.')
      : onChange({ mode: 'paused' }, 'Paused. What devices have in hand they may finish, and it counts.');
  return (
    <p class="actions">
      <button type="button" class="button button-main" onClick={toggle}>
        {isPaused ? 'Resume the sweep' : 'Pause the sweep'}
      </button>
      {failedRuns > 0 && (
        <button
          type="button"
          class="button"
          onClick={() => onChange({ retry: true }, 'What was given up is handed out again, to everybody.')}
        >
          Hand out again what was given up: {runsWords(failedRuns)}
        </button>
      )}
      <button type="button" class="button button-quiet" onClick={onAsk}>
        Cancel the sweep …
      </button>
    </p>
  );
}

function Confirm({ onCancel, onKeep }: { onCancel: () => void; onKeep: () => void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a dialog would cover what it asks about
    <div role="group" aria-labelledby="cancel-title" aria-describedby="cancel-words" class="asking">
      <h3 id="cancel-title">Cancel this sweep for good?</h3>
      <p id="cancel-words">
        No more work is handed out, and a cancelled sweep cannot be resumed. What a device has in hand now it
        may still finish, and that counts. All other unfinished runs end as cancelled, those that were handed
        over in the middle too. Finished runs and their curves stay.
      </p>
      <p class="actions">
        <button type="button" class="button button-main" onClick={onKeep}>
          Keep the sweep
        </button>
        <button type="button" class="button button-danger" onClick={onCancel}>
          Cancel it for good
        </button>
      </p>
    </div>
  );
}
