import { thresholdStops } from './threshold-stops.ts';

interface ThresholdControlProps {
  /** The thresholds the sweep was registered with: several where it searches over them, each cell with its own. */
  registered: readonly number[];
  /** Null: as registered. */
  value: number | null;
  onChange: (value: number | null) => void;
}

/** Moves the accuracy that counts as reached; every number on the page follows. */
export function ThresholdControl({ registered, value, onChange }: ThresholdControlProps) {
  const stops = thresholdStops(registered);
  const single = registered.length === 1 ? (registered[0] as number) : null;
  const at = stops.indexOf(value ?? (registered[0] as number));
  const shown = value ?? single;
  const change = (event: { currentTarget: HTMLInputElement }) => {
    const next = stops[Number(event.currentTarget.value)];
    if (next !== undefined) onChange(next === single ? null : next);
  };
  return (
    <div class="slider">
      <label for="threshold">Threshold {shown !== null && <output>{shown}</output>}</label>
      <input
        id="threshold"
        type="range"
        min={0}
        max={stops.length - 1}
        value={at}
        aria-valuetext={shown === null ? 'each cell at its own' : String(shown)}
        onInput={change}
      />
      {value === null ? (
        <span class="small">{single === null ? 'each cell at its own, as registered' : 'as registered'}</span>
      ) : (
        <span class="marked" role="status">
          {single === null ? 'not the registered ones' : `not the registered ${single}`}: numbers are derived
          anew{' '}
          <button type="button" class="link" onClick={() => onChange(null)}>
            Reset
          </button>
        </span>
      )}
    </div>
  );
}
