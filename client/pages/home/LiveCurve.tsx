import { useMemo } from 'preact/hooks';
import { groupWords, runsWords } from '../../format.ts';
import { presentOf } from '../../live-part.ts';
import { RunPlot } from '../../plots/RunPlot.tsx';
import { milestonesSoFar } from '../../session-milestones.ts';
import type { SessionState } from '../../session-state.ts';
import { words } from '../../words/index.ts';

/** The first of the runs that this tab trains, as it grows. */
export default function LiveCurve({ state }: { state: SessionState }) {
  const { group, points, place } = state;
  const { from, steps } = presentOf(group ?? { steps: 1 }, place?.step ?? 0);
  const curves = useMemo(() => {
    const known = points.filter(({ step, of }) => step >= from && of[0]);
    return {
      steps: known.map(({ step }) => step - from),
      train: known.map(({ of }) => of[0]?.trainAccuracy ?? Number.NaN),
      test: known.map(({ of }) => of[0]?.testAccuracy ?? Number.NaN),
    };
  }, [points, from]);
  if (!group) return null;
  const say = words().home;
  return (
    <figure class="figure-card finding">
      <figcaption>
        <p class="eyebrow">{say.liveEyebrow}</p>
        <h2>{groupWords(group.runs)}</h2>
      </figcaption>
      <RunPlot
        curves={curves}
        metric="accuracy"
        lastStep={steps}
        threshold={group.threshold}
        {...milestonesSoFar(state)}
        label={say.liveLabel(runsWords(group.runs.length))}
        height={340}
      />
      <p class="figure-foot">
        <a href="/run">{say.toRun}</a>
      </p>
    </figure>
  );
}
