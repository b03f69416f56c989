import { amount, milestone, runsWords } from '../format.ts';
import { type Finished, type SessionState, verdictWords } from '../session-state.ts';

/** The work of this visit; the newest runs one by one. */
export function FinishedList({ finished, counts }: Pick<SessionState, 'finished' | 'counts'>) {
  const waiting = finished.filter(({ verdict }) => verdict === 'queued').length;
  return (
    <section aria-labelledby="finished">
      <h2 id="finished">
        Finished on this visit: {runsWords(counts.finished)}, {amount(counts.accepted)} accepted
      </h2>
      {waiting > 0 && (
        <p class="small">
          {runsWords(waiting)} {waiting === 1 ? 'waits' : 'wait'} to be sent: kept on this device until the
          server has {waiting === 1 ? 'it' : 'them'}, through a reload too.
        </p>
      )}
      {counts.finished > finished.length && <p class="small">The newest {amount(finished.length)} are:</p>}
      <ul class="finished">
        {finished.map((f) => (
          <li key={`${f.sweepId}/${f.run}`}>
            <a href={`/sweeps/${f.sweepId}/runs/${f.run}`}>run {f.run}</a>
            <span>{f.label !== undefined && `${f.label}, seed ${f.seed}`}</span>
            <span>{verdictWords(f)}</span>
            <Milestones of={f} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What was reached when; a run that diverged before either says so once. */
function Milestones({ of }: { of: Finished }) {
  const { tMem = null, tGen = null, divergedAt = null, steps } = of;
  if (divergedAt !== null && tMem === null && tGen === null)
    return <span class="is-wide">diverged at step {amount(divergedAt)}</span>;
  const words = (name: 'tMem' | 'tGen') =>
    steps === undefined ? 'not told' : milestone({ tMem, tGen, divergedAt }, name, steps);
  return (
    <>
      <span>tMem {words('tMem')}</span>
      <span>tGen {words('tGen')}</span>
    </>
  );
}
