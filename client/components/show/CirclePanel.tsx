import { useMemo, useRef } from 'preact/hooks';
import type { ResidueView } from '../../engine/messages.ts';
import { percent } from '../../format.ts';
import { CirclePlot } from '../../plots/show/CirclePlot.tsx';
import { type CirclePicture, circlePicture, shapeOf } from '../../plots/show/circle.ts';
import { residueGradient } from '../../plots/show/colours.ts';
import type { Spectrum } from '../../plots/show/spectrum.ts';
import { useIsDark } from '../../plots/theme.ts';
import { lending } from '../../words/lending.ts';
import { Scale } from './Scale.tsx';

/** The residues along the two directions of the strongest frequency: a cloud that turns into a circle as it groks. */
export function CirclePanel({ residues, spectrum }: { residues: ResidueView; spectrum: Spectrum }) {
  const before = useRef<CirclePicture | null>(null);
  const picture = useMemo(() => {
    before.current = circlePicture(residues.neurons, spectrum, before.current);
    return before.current;
  }, [residues, spectrum]);
  const isDark = useIsDark();
  const { p, frequency, share } = picture;
  const said = lending().show.circle;
  return (
    <figure class="show-circle">
      <CirclePlot picture={picture} label={said.label(p, frequency, percent(share))} />
      <figcaption>
        {/* Read out only when the shape changes: seldom more than twice in a run. */}
        <p class="show-shape" role="status">
          {said.shapes[shapeOf(picture)]}
        </p>
        <p>{said.power(frequency, percent(share))}</p>
        <Scale background={residueGradient(isDark)} words={[said.residues(p - 1)]} />
        <p class="small">
          {said.how(p, frequency)} {said.of[residues.of]}
        </p>
      </figcaption>
    </figure>
  );
}
