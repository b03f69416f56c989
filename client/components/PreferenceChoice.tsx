import type { SweepSummary } from '../../shared/protocol.ts';
import type { Preference } from '../../shared/work.ts';

export interface PreferenceChoiceProps {
  value: Preference | null;
  /** Sweeps that have work to hand out. */
  open: readonly Pick<SweepSummary, 'id' | 'title' | 'researcher'>[];
  /** What must be said of the wish, such as that there is no such sweep. */
  note?: string | null;
  onChange: (value: Preference | null) => void;
}

/** What a volunteer would rather work for: whatever is needed, a sweep, or a researcher. Never a unit. */
export function PreferenceChoice({ value, open, note = null, onChange }: PreferenceChoiceProps) {
  const wished = value?.sweepId ?? null;
  const sweeps =
    wished === null || open.some(({ id }) => id === wished) ? open : [{ id: wished, title: wished }, ...open];
  const named = new Set(open.map(({ researcher }) => researcher));
  if (value?.researcher != null) named.add(value.researcher);
  return (
    <div class="preference">
      <label class="field">
        Work for
        <select
          value={keyOf(value)}
          aria-describedby="preference-note preference-help"
          onChange={(event) => onChange(fromKey(event.currentTarget.value))}
        >
          <option value="">whatever is needed</option>
          <optgroup label="a sweep">
            {sweeps.map(({ id, title }) => (
              <option key={id} value={`sweep ${id}`}>
                {title}
              </option>
            ))}
          </optgroup>
          <optgroup label="all sweeps of a researcher">
            {[...named].map((name) => (
              <option key={name} value={`researcher ${name}`}>
                {name}
              </option>
            ))}
          </optgroup>
        </select>
      </label>
      <p id="preference-note" class="problem-words" role="status">
        {note}
      </p>
      <p id="preference-help" class="small">
        What you prefer comes first; when it has nothing free, others do. The server deals out the runs: which
        ones you get cannot be chosen, so that nobody picks what comes out.
      </p>
    </div>
  );
}

const keyOf = (value: Preference | null): string => {
  if (value?.sweepId != null) return `sweep ${value.sweepId}`;
  return value?.researcher != null ? `researcher ${value.researcher}` : '';
};

function fromKey(key: string): Preference | null {
  const [kind, ...rest] = key.split(' ');
  const name = rest.join(' ');
  if (kind === 'sweep') return { sweepId: name, researcher: null };
  return kind === 'researcher' ? { sweepId: null, researcher: name } : null;
}
