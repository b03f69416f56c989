import { amount, milestone, runsWords } from '../format.ts';
import { type Finished, type SessionState, verdictWords } from '../session-state.ts';
import { lending } from '../words/lending.ts';

/** The work of this visit; the newest runs one by one. */
export function FinishedList({ finished, counts }: Pick<SessionState, 'finished' | 'counts'>) {
  const waiting = finished.filter(({ verdict }) => verdict === 'queued').length;
  const say = lending().run.finished;
  return (
    <section aria-labelledby="finished">
      <h2 id="finished">{say.title(runsWords(counts.finished), amount(counts.accepted))}</h2>
      {waiting > 0 && <p class="small">{say.waiting(runsWords(waiting), waiting === 1)}</p>}
      {counts.finished > finished.length && <p class="small">{say.newest(amount(finished.length))}</p>}
      <ul class="finished">
        {finished.map((f) => (
          <li key={`${f.sweepId}/${f.run}`}>
            <a href={`/sweeps/${f.sweepId}/runs/${f.run}`}>{say.run(f.run)}</a>
            <span>{f.label !== undefined && f.seed !== undefined && say.seed(f.label, f.seed)}</span>
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
  const say = lending().run.finished;
  if (divergedAt !== null && tMem === null && tGen === null)
    return <span class="is-wide">{say.diverged(amount(divergedAt))}</span>;
  const reached = (name: 'tMem' | 'tGen') =>
    steps === undefined ? say.untold : milestone({ tMem, tGen, divergedAt }, name, steps);
  return (
    <>
      <span>tMem {reached('tMem')}</span>
      <span>tGen {reached('tGen')}</span>
    </>
  );
}
