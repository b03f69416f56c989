import { useMemo, useState } from 'preact/hooks';
import { Bar } from '../../components/Bar.tsx';
import { Facts } from '../../components/Facts.tsx';
import { MetricChoice } from '../../components/MetricChoice.tsx';
import { amount, groupWords, milliseconds, reached, runsWords } from '../../format.ts';
import { RunPlot } from '../../plots/RunPlot.tsx';
import type { Metric, RunCurves } from '../../plots/run-chart.ts';
import { engineInHand, milestonesSoFar, type SessionState, takenUpWords } from '../../session-state.ts';

/** The runs in hand: what they are a part of, their curves as they grow, and how fast it goes. */
export function LiveRun({ state }: { state: SessionState }) {
  const { group, points, words, status, phase } = state;
  const [metric, setMetric] = useState<Metric>('accuracy');
  const curves = useMemo(() => curvesOf(points, metric, group?.runs.length ?? 1), [points, metric, group]);
  const [first] = group?.runs ?? [];
  if (!group || !first) return <p class="live-phase">{words || 'Starting …'}</p>;
  const { tMem, tGen } = milestonesSoFar(state);
  const step = state.place?.step ?? 0;
  const evaluatedAt = points.at(-1)?.step ?? 0;
  const takenUp = takenUpWords(state);
  const others = group.runs.length - 1;
  const bold = `run ${first.run} (${first.label}, seed ${first.seed})`;
  return (
    <>
      <div class="figure-head">
        <div>
          <p class="eyebrow">
            {others === 0 ? `Run ${first.run}` : `${runsWords(others + 1)} together`} in a sweep of{' '}
            {amount(group.sweepRuns)}: <a href={`/sweeps/${group.sweepId}`}>{group.title}</a>
          </p>
          <h2>{groupWords(group.runs)}</h2>
        </div>
        <MetricChoice metric={metric} onChange={setMetric} />
      </div>
      <RunPlot
        curves={curves}
        metric={metric}
        lastStep={group.steps}
        threshold={group.threshold}
        tMem={tMem}
        tGen={tGen}
        label={`Train and test ${metric} of ${bold}, on a logarithmic axis of steps, as it grows.`}
        height={360}
      />
      {others > 0 && (
        <p class="small">
          Bold, with its flags and numbers, is {bold}; the other {others === 1 ? 'run is' : `${others} are`}{' '}
          thin.
        </p>
      )}
      {takenUp && <p class="small">{takenUp}</p>}
      <Bar
        label={others === 0 ? 'Steps of this run' : 'Steps of these runs'}
        value={step}
        max={group.steps}
        words={`step ${amount(step)} of ${amount(group.steps)}`}
      />
      {phase !== 'training' && <p>{words}.</p>}
      <Facts
        facts={[
          ['now', status === 'finishing' ? 'training the last runs' : (phase ?? 'starting')],
          ['tMem', reached(tMem, evaluatedAt)],
          ['tGen', reached(tGen, evaluatedAt)],
          ['ms per step and run', state.msPerStep === null ? '–' : milliseconds(state.msPerStep)],
          ['engine', engineInHand(state) ?? '–'],
          ['computing on', group.device],
        ]}
      />
    </>
  );
}

/** The curve of the first run in hand and, as `others`, of those trained with it. Each ends where its run diverged. */
function curvesOf(points: SessionState['points'], metric: Metric, runs: number): RunCurves {
  const [train, test] =
    metric === 'accuracy'
      ? (['trainAccuracy', 'testAccuracy'] as const)
      : (['trainLoss', 'testLoss'] as const);
  const curve = (replica: number) => {
    const known = points.filter(({ of }) => of[replica]);
    return {
      steps: known.map(({ step }) => step),
      train: known.map(({ of }) => of[replica]?.[train] ?? Number.NaN),
      test: known.map(({ of }) => of[replica]?.[test] ?? Number.NaN),
    };
  };
  return { ...curve(0), others: Array.from({ length: runs - 1 }, (_, i) => curve(i + 1)) };
}
