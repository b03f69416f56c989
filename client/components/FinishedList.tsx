import { amount, milestone } from '../format.ts';
import { type Finished, verdictWords } from '../session-state.ts';

/** The work of this visit. */
export function FinishedList({ finished }: { finished: readonly Finished[] }) {
  const accepted = finished.filter(({ verdict }) => verdict === 'accepted').length;
  return (
    <section aria-labelledby="finished">
      <h2 id="finished">
        Finished on this visit: {finished.length} {finished.length === 1 ? 'run' : 'runs'}, {accepted}{' '}
        accepted
      </h2>
      <ul class="finished">
        {finished.map((f) => (
          <li key={`${f.sweepId}/${f.run}`}>
            <a href={`/sweeps/${f.sweepId}/runs/${f.run}`}>run {f.run}</a>
            <span>{f.label}</span>
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
  const { tMem, tGen, divergedAt, steps } = of;
  if (divergedAt !== null && tMem === null && tGen === null)
    return <span class="is-wide">diverged at step {amount(divergedAt)}</span>;
  const words = (name: 'tMem' | 'tGen') =>
    of[name] === null && divergedAt === null && steps === null ? 'not told' : milestone(of, name, steps ?? 0);
  return (
    <>
      <span>tMem {words('tMem')}</span>
      <span>tGen {words('tGen')}</span>
    </>
  );
}
