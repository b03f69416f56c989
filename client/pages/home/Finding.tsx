import { useMemo } from 'preact/hooks';
import type { HomeReply, RunReply } from '../../../shared/protocol.ts';
import { getRun } from '../../api.ts';
import { ago, amount, curveSentence, interval, median, share } from '../../format.ts';
import { RunPlot } from '../../plots/RunPlot.tsx';
import { useFetched } from '../use-fetched.ts';
import { useReplay } from './use-replay.ts';

type FindingReply = NonNullable<HomeReply['finding']>;

/** The cell completed last: what was found, and one of its runs played again. */
export function Finding({ finding }: { finding: FindingReply }) {
  const { aggregate: a, sweepId, run } = finding;
  const { value: reply } = useFetched(`${sweepId}/${run}`, (signal) =>
    run === null ? Promise.resolve(null) : getRun(sweepId, run, signal),
  );
  return (
    <figure class="figure-card finding">
      <figcaption>
        <p class="eyebrow">Newest finding · {ago(finding.completedAtMs, Date.now())}</p>
        <h2>
          With {finding.label}, {share(a.generalised, a.n)} networks generalised
        </h2>
        <p>
          Median tGen <strong>{median(a, 'tGen')}</strong> steps
          {a.tGen.lower !== null && <>, 95 % interval {interval(a)}</>}, n = {amount(a.n)}.{' '}
          <a href={`/sweeps/${sweepId}`}>{finding.title}</a>
        </p>
      </figcaption>
      {reply?.curve && <Replay reply={reply} />}
    </figure>
  );
}

function Replay({ reply }: { reply: RunReply }) {
  const { run, sweep, config } = reply;
  const curve = reply.curve!;
  const lastStep: number = config.train?.steps ?? curve.steps.at(-1) ?? 1;
  const { shown, isPlaying, play } = useReplay(curve.steps);
  const label = curveSentence(run, lastStep);
  const curves = useMemo(
    () => ({
      steps: curve.steps.slice(0, shown),
      train: curve['train.accuracy'].slice(0, shown),
      test: curve['test.accuracy'].slice(0, shown),
    }),
    [curve, shown],
  );
  const upTo = curves.steps.at(-1) ?? -1;
  const flag = (step: number | null | undefined) => (step != null && step <= upTo ? step : null);
  return (
    <>
      <RunPlot
        curves={curves}
        metric="accuracy"
        lastStep={lastStep}
        threshold={config.threshold ?? 0.95}
        tMem={flag(run.milestones?.tMem)}
        tGen={flag(run.milestones?.tGen)}
        label={label}
        height={340}
      />
      <p class="figure-foot">
        <button type="button" class="button button-quiet button-small" onClick={play}>
          {isPlaying ? 'From the start' : 'Replay'}
        </button>
        <span>
          The recorded curve of{' '}
          <a href={`/sweeps/${sweep.id}/runs/${run.index}`}>
            run {run.index}, seed {run.seed}
          </a>
          ; steps on a log axis.
        </span>
      </p>
    </>
  );
}
