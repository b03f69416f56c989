interface ThresholdControlProps {
  registered: number;
  /** Null: as registered. */
  value: number | null;
  onChange: (value: number | null) => void;
}

/** Moves the accuracy that counts as reached; every number on the page follows. */
export function ThresholdControl({ registered, value, onChange }: ThresholdControlProps) {
  const shown = value ?? registered;
  const change = (event: { currentTarget: HTMLInputElement }) => {
    const next = Number(event.currentTarget.value);
    if (next > 0 && next <= 1) onChange(next === registered ? null : next);
  };
  return (
    <div class="slider">
      <label for="threshold">
        Threshold <output>{shown.toFixed(2)}</output>
      </label>
      <input id="threshold" type="range" min="0.5" max="1" step="0.01" value={shown} onInput={change} />
      {value === null ? (
        <span class="small">as registered</span>
      ) : (
        <span class="marked" role="status">
          not the registered {registered}: numbers are derived anew{' '}
          <button type="button" class="link" onClick={() => onChange(null)}>
            Reset
          </button>
        </span>
      )}
    </div>
  );
}
