import { useMemo } from 'preact/hooks';
import type { ViewedParameter } from '../../engine/messages.ts';
import { amount, percent } from '../../format.ts';
import { gradient, scaleOf } from '../../plots/show/colours.ts';
import { PixelPlot } from '../../plots/show/PixelPlot.tsx';
import { extentOf, scaled } from '../../plots/show/pixels.ts';
import { useIsDark } from '../../plots/theme.ts';
import { pageWords } from '../../words/index.ts';
import { lending } from '../../words/lending.ts';
import { Scale } from './Scale.tsx';

interface MatricesProps {
  parameters: readonly ViewedParameter[];
}

/** Every matrix of weights as a heat map on a scale of its own. */
export function Weights({ parameters }: MatricesProps) {
  return (
    <>
      <div class="show-matrices">
        {parameters.map((parameter) => (
          <WeightMap key={parameter.name} parameter={parameter} />
        ))}
      </div>
      <p class="small">{lending().show.weights.how}</p>
    </>
  );
}

function WeightMap({ parameter }: { parameter: ViewedParameter }) {
  const { name, rows, columns, values } = parameter;
  const isDark = useIsDark();
  const extent = useMemo(() => extentOf(values), [values]);
  const shares = useMemo(() => scaled(values, extent), [values, extent]);
  const said = lending().show.weights;
  const label = said.label(name, amount(rows), amount(columns), short(extent.least), short(extent.most));
  return (
    <Matrix parameter={parameter} values={shares} label={label}>
      <Scale
        background={gradient(scaleOf(isDark), true)}
        words={[short(-extent.end), '0', short(extent.end)]}
      />
      {extent.isClipped && <p class="small">{said.beyond(short(Math.max(-extent.least, extent.most)))}</p>}
    </Matrix>
  );
}

/** Which weights of each matrix are kept. */
export function Masks({ parameters }: MatricesProps) {
  const said = lending().show.masks;
  const pruned = parameters.filter(({ mask }) => mask !== null);
  if (pruned.length === 0) return <p>{said.none}</p>;
  return (
    <>
      <div class="show-matrices">
        {pruned.map((parameter) => (
          <MaskMap key={parameter.name} parameter={parameter} />
        ))}
      </div>
      <p class="small">
        {said.how}
        {pruned.length < parameters.length &&
          ` ${parameters
            .filter(({ mask }) => mask === null)
            .map(({ name }) => name)
            .join(', ')}: ${said.whole}.`}
      </p>
    </>
  );
}

function MaskMap({ parameter }: { parameter: ViewedParameter }) {
  const { name, mask, kept } = parameter;
  const said = lending().show.masks;
  const share = percent(kept);
  return (
    <Matrix parameter={parameter} values={mask ?? []} label={said.label(name, share)}>
      <p>{said.kept(share)}</p>
    </Matrix>
  );
}

interface MatrixProps {
  parameter: ViewedParameter;
  values: ArrayLike<number>; // [shownRows, shownColumns]
  label: string;
  children: preact.ComponentChildren;
}

function Matrix({ parameter, values, label, children }: MatrixProps) {
  const { name, rows, columns, shownRows, shownColumns } = parameter;
  const said = lending().show.weights;
  const isThinned = shownRows < rows || shownColumns < columns;
  return (
    <figure>
      <figcaption class="small">
        <b>{name}</b> {said.size(amount(rows), amount(columns))}
        {isThinned && `, ${said.thinned(amount(shownRows), amount(shownColumns))}`}
      </figcaption>
      <PixelPlot rows={shownRows} columns={shownColumns} values={values} label={label} />
      {children}
    </figure>
  );
}

/** A weight in two digits, with a minus as wide as a plus. */
const short = (w: number): string =>
  String(Number(w.toPrecision(2)))
    .replace('-', '−')
    .replace('.', pageWords().format.decimalMark);
