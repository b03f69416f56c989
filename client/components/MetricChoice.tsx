import type { Metric } from '../plots/run-chart.ts';
import { pageWords } from '../words/index.ts';

/** Accuracy or loss. */
export function MetricChoice({ metric, onChange }: { metric: Metric; onChange: (metric: Metric) => void }) {
  const { metricAxis, metrics } = pageWords().plot;
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{metricAxis}</legend>
      {(['accuracy', 'loss'] as const).map((name) => (
        <label key={name}>
          <input type="radio" name="metric" checked={metric === name} onChange={() => onChange(name)} />
          <span>{metrics[name]}</span>
        </label>
      ))}
    </fieldset>
  );
}
