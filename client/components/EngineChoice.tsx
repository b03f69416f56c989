import { milliseconds } from '../format.ts';
import { engineWords, type SessionState } from '../session-state.ts';

/** Which engine computes, and how the others did in the benchmark. */
export function EngineChoice({ engine }: { engine: NonNullable<SessionState['engine']> }) {
  return (
    <section aria-labelledby="engine">
      <h2 id="engine">Engine</h2>
      <p>{engineWords(engine)}.</p>
      <ul class="trials">
        {engine.choices.map(({ name, msPerStep, problem }) => (
          <li key={name}>
            <strong>{name}</strong>{' '}
            {problem ?? (msPerStep === null ? 'was not tried' : `${milliseconds(msPerStep)} ms per step`)}
          </li>
        ))}
      </ul>
    </section>
  );
}
