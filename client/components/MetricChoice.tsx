import type { Metric } from '../plots/run-chart.ts';

/** Accuracy or loss. */
export function MetricChoice({ metric, onChange }: { metric: Metric; onChange: (metric: Metric) => void }) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">Shown on the vertical axis</legend>
      {(['accuracy', 'loss'] as const).map((name) => (
        <label key={name}>
          <input type="radio" name="metric" checked={metric === name} onChange={() => onChange(name)} />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
  );
}
