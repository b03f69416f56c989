import { firstSustained } from '../../../shared/measures/milestones.ts';
import { RunPlot } from '../../plots/RunPlot.tsx';
import { words } from '../../words/index.ts';
import type { LiveElsewhere } from './live-elsewhere.ts';

/** A run that a volunteer's device trains now, as far as it has told. */
export function LiveElsewhereCurve({ sweep, curve }: LiveElsewhere) {
  const { steps, run } = curve;
  const [train, test] = [curve['train.accuracy'], curve['test.accuracy']];
  const { threshold = 0.95 } = sweep.spec;
  const say = words().home;
  return (
    <figure class="figure-card finding">
      <figcaption>
        <p class="eyebrow">{say.elsewhereEyebrow}</p>
        <h2>{sweep.title}</h2>
      </figcaption>
      <RunPlot
        curves={{ steps, train, test }}
        metric="accuracy"
        lastStep={sweep.spec.train?.steps ?? steps.at(-1) ?? 1}
        threshold={threshold}
        tMem={firstSustained(steps, train, threshold)}
        tGen={firstSustained(steps, test, threshold)}
        label={say.elsewhereLabel(run)}
        height={340}
      />
      <p class="figure-foot">
        <a href={`/sweeps/${sweep.id}/runs/${run}`}>{say.runOnly(run)}</a>
        <span>{say.elsewhereFoot}</span>
      </p>
    </figure>
  );
}
