import { useEffect, useRef, useState } from 'preact/hooks';
import { amount, percent } from '../format.ts';
import type { Metric, RunChart, RunChartState } from './run-chart.ts';
import { useIsDark } from './theme.ts';

export interface RunPlotProps extends RunChartState {
  metric: Metric;
  lastStep: number;
  threshold: number;
  /** What the picture shows, in a sentence. */
  label: string;
  height?: number;
}

/** Train and test curve of one run on a log axis, with its flags and a readout of the point under the pointer. */
export function RunPlot(props: RunPlotProps) {
  const { metric, lastStep, threshold, label, height = 320 } = props;
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<RunChart | null>(null);
  const latest = useRef<RunChartState>(props);
  const [pointed, setPointed] = useState<number | null>(null);
  const isDark = useIsDark();
  const [failures, setFailures] = useState(0);
  const [tries, setTries] = useState(0);
  latest.current = props;
  useEffect(() => {
    const element = host.current as HTMLDivElement;
    let isGone = false;
    const resized = new ResizeObserver(() => chart.current?.resize(element.clientWidth));
    import('./run-chart.ts').then(
      ({ createRunChart }) => {
        if (isGone) return;
        chart.current = createRunChart(element, { metric, lastStep, threshold, height, onPoint: setPointed });
        chart.current.update(latest.current);
        resized.observe(element);
      },
      () => !isGone && setFailures((n) => n + 1),
    );
    return () => {
      isGone = true;
      resized.disconnect();
      chart.current?.destroy();
      chart.current = null;
    };
  }, [metric, lastStep, threshold, height, isDark, tries]);
  useEffect(() => chart.current?.update(latest.current), [props.curves, props.tMem, props.tGen]);
  return (
    <div class="plot">
      <div
        class="plot-canvas"
        ref={host}
        role="img"
        aria-label={label}
        style={{ minHeight: `${height}px` }}
      />
      {failures > tries && (
        <p>
          The drawing could not be loaded.{' '}
          <button type="button" class="link" onClick={() => setTries(failures)}>
            Load it again
          </button>
        </p>
      )}
      <Readout {...props} pointed={pointed} />
    </div>
  );
}

function Readout({ curves, metric, pointed }: RunPlotProps & { pointed: number | null }) {
  const at = pointed ?? curves.steps.length - 1;
  const step = curves.steps[at];
  const show = (value: number | undefined) => {
    if (value === undefined) return '–';
    return metric === 'accuracy' ? percent(value) : value.toPrecision(3);
  };
  return (
    <p class="readout">
      <span class="key key-train">
        train {metric} <b>{show(curves.train[at])}</b>
      </span>
      <span class="key key-test">
        test {metric} <b>{show(curves.test[at])}</b>
      </span>
      <span>
        at step <b>{step === undefined ? '–' : amount(step)}</b>
      </span>
    </p>
  );
}
