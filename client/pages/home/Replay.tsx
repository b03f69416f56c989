import { useMemo } from 'preact/hooks';
import type { RunReply } from '../../../shared/protocol.ts';
import { curveSentence } from '../../format.ts';
import { RunPlot } from '../../plots/RunPlot.tsx';
import { words } from '../../words/index.ts';
import { useReplay } from './use-replay.ts';

/** A recorded run played again, and said to be one. It has a curve. */
export function Replay({ reply }: { reply: RunReply }) {
  const { run, sweep, config } = reply;
  const curve = reply.curve!;
  const lastStep: number = config.train?.steps ?? curve.steps.at(-1) ?? 1;
  const { shown, play } = useReplay(curve.steps);
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
  const say = words().home;
  return (
    <>
      <RunPlot
        curves={curves}
        metric="accuracy"
        lastStep={lastStep}
        threshold={config.threshold ?? 0.95}
        tMem={flag(run.milestones?.tMem)}
        tGen={flag(run.milestones?.tGen)}
        label={curveSentence(run, lastStep)}
        height={340}
      />
      <p class="figure-foot">
        <button type="button" class="button button-quiet button-small" onClick={play}>
          {say.replay}
        </button>
        <span>
          {say.recorded}{' '}
          <a href={`/sweeps/${sweep.id}/runs/${run.index}`}>{say.runSeed(run.index, run.seed)}</a>
          {say.axis}
        </span>
      </p>
    </>
  );
}
