import { useMemo, useState } from 'preact/hooks';
import { Bar } from '../../components/Bar.tsx';
import { Facts } from '../../components/Facts.tsx';
import { MetricChoice } from '../../components/MetricChoice.tsx';
import { amount, milliseconds, reached } from '../../format.ts';
import { RunPlot } from '../../plots/RunPlot.tsx';
import type { Metric } from '../../plots/run-chart.ts';
import { milestonesSoFar, type SessionState } from '../../session-state.ts';

/** The run in hand: what it is a part of, its curve as it grows, and how fast it goes. */
export function LiveRun({ state }: { state: SessionState }) {
  const { run, points, words, status, phase } = state;
  const [metric, setMetric] = useState<Metric>('accuracy');
  const curves = useMemo(
    () => ({
      steps: points.map(({ step }) => step),
      train: points.map((p) => (metric === 'accuracy' ? p.trainAccuracy : p.trainLoss)),
      test: points.map((p) => (metric === 'accuracy' ? p.testAccuracy : p.testLoss)),
    }),
    [points, metric],
  );
  if (!run) return <p class="live-phase">{words || 'Starting …'}</p>;
  const { tMem, tGen } = milestonesSoFar(state);
  const step = points.at(-1)?.step ?? 0;
  return (
    <>
      <div class="figure-head">
        <div>
          <p class="eyebrow">
            Run {run.run} in a sweep of {amount(run.sweepRuns)}:{' '}
            <a href={`/sweeps/${run.sweepId}`}>{run.title}</a>
          </p>
          <h2>
            {run.label}, seed {run.seed}
          </h2>
        </div>
        <MetricChoice metric={metric} onChange={setMetric} />
      </div>
      <RunPlot
        curves={curves}
        metric={metric}
        lastStep={run.steps}
        threshold={run.threshold}
        tMem={tMem}
        tGen={tGen}
        label={`Train and test ${metric} of the run in hand, on a logarithmic axis of steps, as it grows.`}
        height={360}
      />
      <Bar
        label="Steps of this run"
        value={step}
        max={run.steps}
        words={`step ${amount(step)} of ${amount(run.steps)}`}
      />
      {phase !== 'training' && <p>{words}.</p>}
      <Facts
        facts={[
          ['now', status === 'finishing' ? 'training the last run' : (phase ?? 'starting')],
          ['tMem', tMem === null ? reached(null, step) : amount(tMem)],
          ['tGen', tGen === null ? reached(null, step) : amount(tGen)],
          ['ms per step', state.msPerStep === null ? '–' : milliseconds(state.msPerStep)],
          ['engine', state.engine ? engineName(state.engine) : '–'],
        ]}
      />
    </>
  );
}

const engineName = ({ engine, backend }: NonNullable<SessionState['engine']>) =>
  engine.includes(backend) ? engine : `${engine}, ${backend}`;
