import { reached } from '../format.ts';
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
            <Milestone name="tMem" step={f.tMem} lastStep={f.steps} />
            <Milestone name="tGen" step={f.tGen} lastStep={f.steps} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Milestone({ name, step, lastStep }: { name: string; step: number | null; lastStep: number | null }) {
  if (step === null && lastStep === null) return <span>{name} not told</span>;
  return (
    <span>
      {name} {reached(step, lastStep ?? 0)}
    </span>
  );
}
