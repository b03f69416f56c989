import { useMemo } from 'preact/hooks';
import { amount, percent } from '../../format.ts';
import { gradient, scaleOf } from '../../plots/show/colours.ts';
import { PixelPlot } from '../../plots/show/PixelPlot.tsx';
import { peaksOf, pureNeurons, purity, type Spectrum } from '../../plots/show/spectrum.ts';
import { useIsDark } from '../../plots/theme.ts';
import { lending } from '../../words/lending.ts';
import { Scale } from './Scale.tsx';

const PEAKS_TOLD = 3;

/** Which frequencies each neuron swings at, a row for each, below the power of all of them together. */
export function SpectrumPanel({ spectrum }: { spectrum: Spectrum }) {
  const { frequencies, shares, order, total } = spectrum;
  const isDark = useIsDark();
  const values = useMemo(() => {
    const sorted = new Float64Array(order.length * frequencies);
    for (const [row, neuron] of order.entries()) sorted.set(shares[neuron] ?? [], row * frequencies);
    return sorted;
  }, [spectrum]);
  const said = lending().show.spectrum;
  const neurons = amount(order.length);
  const peaks = peaksOf(spectrum, PEAKS_TOLD);
  const most = peaks[0]?.share || 1;
  return (
    <figure class="show-spectrum">
      <div class="show-picture">
        <p class="small">{said.down(neurons)} ↓</p>
        <div class="show-bars" aria-hidden="true">
          {Array.from(total, (share, i) => (
            <span key={i} style={{ height: `${(100 * share) / most}%` }} />
          ))}
        </div>
        <PixelPlot
          rows={order.length}
          columns={frequencies}
          values={values}
          label={said.label(neurons, amount(frequencies))}
        />
        <p class="small show-across">{said.across(frequencies)} →</p>
      </div>
      <figcaption>
        <p>
          {said.peaks(peaks.map(({ frequency, share }) => said.peak(frequency, percent(share))).join(', '))}{' '}
          {said.pure(amount(pureNeurons(spectrum)), neurons, percent(purity(spectrum)))}
        </p>
        <Scale background={gradient(scaleOf(isDark), false)} words={['0 %', said.scale, '100 %']} />
      </figcaption>
    </figure>
  );
}
