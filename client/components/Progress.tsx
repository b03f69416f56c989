import { amount } from '../format.ts';

/** How many runs of a sweep are finished; failed ones are said, not hidden. */
export function Progress({ finished, failed, runs }: { finished: number; failed: number; runs: number }) {
  const words = `${amount(finished)} of ${amount(runs)} runs finished`;
  return (
    <div class="progress">
      <div
        class="progress-bar"
        role="progressbar"
        aria-label="Finished runs"
        aria-valuenow={finished}
        aria-valuemin={0}
        aria-valuemax={runs}
        aria-valuetext={words}
      >
        <span style={{ width: `${(100 * finished) / Math.max(1, runs)}%` }} />
      </div>
      <p>
        {words}
        {failed > 0 && <span class="problem-words">, {amount(failed)} failed</span>}
      </p>
    </div>
  );
}
