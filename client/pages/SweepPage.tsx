import { useRoute } from 'preact-iso/router';
import { getSweepPage } from '../api.ts';
import { Loading } from '../components/Notice.tsx';
import { FailedPage } from './FailedPage.tsx';
import { SweepView } from './sweep/SweepView.tsx';
import { firstOpenRun, loadSweep, type SweepData } from './sweep/sweep-data.ts';
import { useFetched } from './use-fetched.ts';
import { useTitle } from './use-title.ts';

const REFRESH_MS = 4000;
/** What is paused changes seldom. */
const REFRESH_PAUSED_MS = 20_000;

function againMs({ sweep, runs }: SweepData): number | null {
  if (firstOpenRun(runs) >= sweep.runs) return null;
  return sweep.mode === 'running' || sweep.trainingRuns > 0 ? REFRESH_MS : REFRESH_PAUSED_MS;
}

/** Long sweeps are shown while their later pages are still on the way, but drawn only now and then. */
const SHOW_MS = 700;

function atIntervals<T>(show: (value: T) => void): (value: T) => void {
  let shownAtMs = Number.NEGATIVE_INFINITY;
  return (value) => {
    if (performance.now() - shownAtMs < SHOW_MS) return;
    show(value);
    shownAtMs = performance.now();
  };
}

export default function SweepPage() {
  const id = useRoute().params.id as string;
  const {
    value: data,
    error,
    refresh,
  } = useFetched<SweepData>(
    id,
    (signal, before, show) => loadSweep(before, (from) => getSweepPage(id, from, signal), atIntervals(show)),
    againMs,
  );
  useTitle(data?.sweep.title ?? 'Sweep');
  if (error && !data) {
    return (
      <FailedPage
        title={error.code === 'not-found' ? 'There is no such sweep' : 'The sweep could not be fetched'}
        words={
          error.code === 'not-found'
            ? `None has the address ${id}. It may be mistyped; sweeps are never deleted.`
            : error.message
        }
      />
    );
  }
  return data ? <SweepView key={id} data={data} onChanged={refresh} /> : <Loading what="the sweep" />;
}
