import type { SweepSummary } from '../../shared/protocol.ts';
import { getSweeps } from '../api.ts';
import { Empty, Failure, Loading } from '../components/Notice.tsx';
import { Progress } from '../components/Progress.tsx';
import { ago, amount, flops } from '../format.ts';
import { useFetched } from './use-fetched.ts';
import { useTitle } from './use-title.ts';

const REFRESH_MS = 10_000;
const isOpen = ({ mode, finishedRuns, failedRuns, runs }: SweepSummary) =>
  mode !== 'cancelled' && finishedRuns + failedRuns < runs;

export default function SweepsPage() {
  useTitle('Sweeps');
  const { value, error } = useFetched('sweeps', getSweeps, ({ sweeps }) =>
    sweeps.some(isOpen) ? REFRESH_MS : null,
  );
  return (
    <>
      <div class="page-head">
        <h1>Sweeps</h1>
        <p class="lead">
          Each sweep asks one question with many networks. Open one to see what they answered.
        </p>
      </div>
      {error && !value && <Failure words={error.message} />}
      {!value && !error && <Loading what="the sweeps" />}
      {value?.sweeps.length === 0 && (
        <Empty title="No sweep yet">
          <p>
            <a href="/sweeps/new">Post the first one</a>
          </p>
        </Empty>
      )}
      <ul class="cards">
        {value?.sweeps.map((sweep) => (
          <SweepCard key={sweep.id} sweep={sweep} />
        ))}
      </ul>
    </>
  );
}

function SweepCard({ sweep }: { sweep: SweepSummary }) {
  return (
    <li class="card">
      <h2>
        <a href={`/sweeps/${sweep.id}`}>{sweep.title}</a>
      </h2>
      <Progress finished={sweep.finishedRuns} failed={sweep.failedRuns} runs={sweep.runs} />
      <p class="small">
        {sweep.mode !== 'running' && <strong>{sweep.mode} · </strong>}
        {amount(sweep.cells)} {sweep.cells === 1 ? 'cell' : 'cells'}, {flops(sweep.flops)} in all · posted by{' '}
        {sweep.researcher} {ago(sweep.createdAtMs, Date.now())}
      </p>
    </li>
  );
}
