import { useState } from 'preact/hooks';
import { amount, percent } from '../format.ts';
import { pageWords } from '../words/index.ts';
import type { Metric, RunChartState } from './run-chart.ts';
import { useChart } from './use-chart.tsx';

export interface RunPlotProps extends Omit<RunChartState, 'pointed'> {
  metric: Metric;
  lastStep: number;
  threshold: number;
  /** What the picture shows, in a sentence. */
  label: string;
  height?: number;
}

/** What draws it, fetched with the first plot; asked for before there is one, it is there in time. */
export const loadRunChart = () => import('./run-chart.ts');

/**
 * Train and test curve on a log axis, with flags and a readout of the point under the pointer, or of where a slider that
 * is only for the keyboard stands.
 */
export function RunPlot(props: RunPlotProps) {
  const { metric, lastStep, threshold, label, height = 320, curves } = props;
  const [hovered, setHovered] = useState<number | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const { host, failure } = useChart<RunChartState>({
    create: async (element) => {
      const { createRunChart } = await loadRunChart();
      return createRunChart(element, { metric, lastStep, threshold, height, onPoint: setHovered });
    },
    parts: [metric, lastStep, threshold, height],
    state: { ...props, pointed },
    drawn: [curves, props.band, props.marks, props.tMem, props.tGen, pointed],
  });
  const last = curves.steps.length - 1;
  const at = Math.min(last, pointed ?? hovered ?? last);
  const value = (which: 'train' | 'test') => shown(metric, curves[which][at]);
  const step = curves.steps[at];
  const words = pageWords().plot;
  return (
    <div class="plot">
      <div class="plot-with-reader">
        <div
          class="plot-canvas"
          ref={host}
          role="img"
          aria-label={label}
          style={{ minHeight: `${height}px` }}
        />
        {last > 0 && (
          <input
            class="plot-reader"
            type="range"
            min={0}
            max={last}
            value={at}
            aria-label={words.read}
            aria-valuetext={words.reading(amount(step ?? 0), value('train'), value('test'))}
            onFocus={() => setPointed(at)}
            onBlur={() => setPointed(null)}
            onInput={(event) => setPointed(Number(event.currentTarget.value))}
          />
        )}
      </div>
      {failure}
      <p class="readout">
        {(['train', 'test'] as const).map((which) => (
          <span class={`key key-${which}`} key={which}>
            {props.band && `${words.median} `}
            {words[which](pageWords().plot.metrics[metric])} <b>{value(which)}</b>
          </span>
        ))}
        <span>
          {words.at} <b>{step === undefined ? '–' : amount(step)}</b>
        </span>
      </p>
    </div>
  );
}

function shown(metric: Metric, value: number | undefined): string {
  if (value === undefined) return '–';
  return metric === 'accuracy' ? percent(value) : value.toPrecision(3);
}
