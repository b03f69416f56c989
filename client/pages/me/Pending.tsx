import { amount } from '../../format.ts';
import type { KeptHere } from '../../volunteer/kept-here.ts';
import { belonging } from '../../words/belonging.ts';
import { type MyRuns, type MySweep, trainedTo } from './use-parts.ts';

interface PendingProps {
  kept: KeptHere | null;
  /** Whether this tab trains. */
  isTraining: boolean;
  sweeps: readonly MySweep[];
  runs: ReadonlyMap<string, MyRuns | null>;
}

/** So many unfinished runs of a sweep are named. */
const NAMED_MAX = 12;

/** What is not settled: on this device, and of runs that others must finish. */
export function Pending({ kept, isTraining, sweeps, runs }: PendingProps) {
  const say = belonging().me.pending;
  const waiting = kept?.waiting ?? 0;
  const held = kept?.runs ?? [];
  const open = sweeps.flatMap(({ sweepId, title }) => {
    const parts = runs.get(sweepId)?.filter(({ isFinished }) => !isFinished) ?? [];
    return parts.length > 0 ? [{ sweepId, title, parts }] : [];
  });
  const isNothing = waiting === 0 && held.length === 0;
  return (
    <section aria-labelledby="pending">
      <h2 id="pending">{say.title}</h2>
      {isNothing && <p>{say.none}</p>}
      {waiting > 0 && <p>{say.waiting(amount(waiting), waiting === 1)}</p>}
      {held.length > 0 && (
        <p class="run-list">
          {say.held(amount(held.length), held.length === 1)}{' '}
          {held.slice(0, NAMED_MAX).map(({ sweepId, run, step }) => (
            <a key={`${sweepId} ${run}`} href={`/sweeps/${sweepId}/runs/${run}`}>
              {say.at(run, amount(step))}
            </a>
          ))}
          {held.length > NAMED_MAX && '…'}
        </p>
      )}
      {!isNothing && (
        <p class="small">
          {isTraining ? say.running : say.start} <a href="/run">{say.page}</a>
        </p>
      )}
      {open.map(({ sweepId, title, parts }) => (
        <p key={sweepId}>
          {say.parts(amount(parts.length), parts.length === 1)}{' '}
          <a href={`/sweeps/${sweepId}`} lang="en">
            {title}
          </a>
          {': '}
          <span class="run-list">
            {parts.slice(0, NAMED_MAX).map((part) => (
              <a key={part.run} href={`/sweeps/${sweepId}/runs/${part.run}`}>
                {say.at(part.run, amount(trainedTo(part)))}
              </a>
            ))}
            {parts.length > NAMED_MAX && '…'}
          </span>
        </p>
      ))}
    </section>
  );
}
