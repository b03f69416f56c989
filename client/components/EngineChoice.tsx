import type { EngineTrial } from '../engine/messages.ts';
import { choiceWords, engineName, rateWords } from '../format.ts';
import { dayOf, type SessionState } from '../session-state.ts';

interface EngineChoiceProps {
  engine: NonNullable<SessionState['engine']>;
  isMeasuring: boolean;
  /** Null while training is paused. */
  onMeasure: (() => void) | null;
}

/** Which engine computes on what, and how the others did in the benchmark. */
export function EngineChoice({ engine: { choice, isStored }, isMeasuring, onMeasure }: EngineChoiceProps) {
  return (
    <section aria-labelledby="engine">
      <h2 id="engine">Engine</h2>
      <p>{choiceWords(choice)}.</p>
      {choice.trials.length > 0 && <Trials trials={choice.trials} />}
      <p class="actions">
        <button
          type="button"
          class="button button-small"
          onClick={() => !isMeasuring && onMeasure?.()}
          aria-disabled={isMeasuring || !onMeasure}
        >
          {isMeasuring ? 'Measuring' : 'Measure again'}
        </button>
        <span class="small">
          {isStored
            ? `Measured on ${dayOf(choice.measuredAtMs)}, on an earlier visit.`
            : 'Measured on this visit.'}
        </span>
      </p>
    </section>
  );
}

function Trials({ trials }: { trials: readonly EngineTrial[] }) {
  return (
    <details>
      <summary>What was measured</summary>
      <ul class="trials">
        {trials.map(({ name, device, rates, problem }) => (
          <li key={name}>
            <strong>{engineName(name)}</strong>
            {device && ` on ${device}`}:{' '}
            {problem ?? (rates.map((rate) => rateWords(rate)).join('; ') || 'was not tried')}
          </li>
        ))}
      </ul>
    </details>
  );
}
