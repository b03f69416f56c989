import { useState } from 'preact/hooks';
import type { Change } from './sweep-change.ts';

interface PriorityFormProps {
  priority: number;
  problem: string | null;
  onChange: Change;
}

/** How much of the work for one researcher's sweeps goes to this one. */
export function PriorityForm({ priority, problem, onChange }: PriorityFormProps) {
  const [wanted, setWanted] = useState(priority);
  const submit = (event: Event) => {
    event.preventDefault();
    onChange({ priority: wanted }, `The priority is ${wanted}.`);
  };
  return (
    <form onSubmit={submit}>
      <fieldset class="part">
        <legend>Priority</legend>
        <label class="field">
          Priority among your sweeps
          <select
            value={wanted}
            aria-describedby="priority-help"
            aria-invalid={problem !== null}
            onChange={(event) => setWanted(Number(event.currentTarget.value))}
          >
            <option value={1}>1: a single share</option>
            <option value={2}>2: two shares</option>
            <option value={3}>3: three shares</option>
          </select>
        </label>
        <p id="priority-help" class="small">
          {problem && <span class="problem-words">{problem}. </span>}
          Now {priority}. Your sweeps divide the work that comes to you in this proportion; it takes nothing
          from other researchers.
        </p>
        <button type="submit" class="button">
          Set the priority
        </button>
      </fieldset>
    </form>
  );
}
