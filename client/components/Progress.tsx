import { amount } from '../format.ts';
import { Bar } from './Bar.tsx';

/** How many runs of a sweep are finished; failed ones are said, not hidden. */
export function Progress({ finished, failed, runs }: { finished: number; failed: number; runs: number }) {
  const words = `${amount(finished)} of ${amount(runs)} runs finished`;
  return (
    <Bar label="Finished runs" value={finished} max={runs} words={words}>
      {failed > 0 && <span class="problem-words">, {amount(failed)} failed</span>}
    </Bar>
  );
}
