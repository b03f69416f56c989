import type { SweepSummary } from '../../shared/protocol.ts';
import type { Phenomenon } from '../../shared/spec/phenomena.ts';
import type { Preference } from '../../shared/work.ts';
import { lending } from '../words/lending.ts';

/** A sweep that has work to hand out. */
export type OpenSweep = Pick<SweepSummary, 'id' | 'title' | 'researcher'> & {
  phenomenon?: Phenomenon | null | undefined;
};

export interface PreferenceChoiceProps {
  value: Preference | null;
  open: readonly OpenSweep[];
  /** What must be said of the wish, such as that there is no such sweep. */
  note?: string | null;
  /** Whether that is something amiss. */
  isProblem?: boolean;
  onChange: (value: Preference | null) => void;
}

/** What a volunteer would rather work for: whatever is needed, a phenomenon, a sweep, or a researcher. Never a unit. */
export function PreferenceChoice({
  value,
  open,
  note = null,
  isProblem = true,
  onChange,
}: PreferenceChoiceProps) {
  const say = lending().settings.cause;
  const wished = value?.sweepId ?? null;
  const sweeps =
    wished === null || open.some(({ id }) => id === wished) ? open : [{ id: wished, title: wished }, ...open];
  const named = new Set(open.map(({ researcher }) => researcher));
  if (value?.researcher != null) named.add(value.researcher);
  const phenomena = new Set(open.flatMap(({ phenomenon }) => phenomenon ?? []));
  if (value?.phenomenon != null) phenomena.add(value.phenomenon);
  const names = lending().settings.phenomena;
  return (
    <div class="preference">
      <label class="field">
        {say.name}
        <select
          value={keyOf(value)}
          aria-describedby="preference-note preference-help"
          onChange={(event) => onChange(fromKey(event.currentTarget.value))}
        >
          <option value="">{say.any}</option>
          <Group label={say.phenomena} kind="phenomenon" of={[...phenomena].map((p) => [p, names[p]])} />
          <Group label={say.sweeps} kind="sweep" of={sweeps.map(({ id, title }) => [id, title])} />
          <Group label={say.researchers} kind="researcher" of={[...named].map((name) => [name, name])} />
        </select>
      </label>
      <p id="preference-note" class={isProblem ? 'problem-words' : 'small'} role="status">
        {note}
      </p>
      <p id="preference-help" class="small">
        {say.help}
      </p>
    </div>
  );
}

interface GroupProps {
  label: string;
  kind: string;
  of: readonly (readonly [name: string, words: string])[];
}

function Group({ label, kind, of }: GroupProps) {
  if (of.length === 0) return null;
  return (
    <optgroup label={label}>
      {of.map(([name, said]) => (
        <option key={name} value={`${kind} ${name}`}>
          {said}
        </option>
      ))}
    </optgroup>
  );
}

const keyOf = (value: Preference | null): string => {
  if (value?.sweepId != null) return `sweep ${value.sweepId}`;
  if (value?.phenomenon != null) return `phenomenon ${value.phenomenon}`;
  return value?.researcher != null ? `researcher ${value.researcher}` : '';
};

function fromKey(key: string): Preference | null {
  const [kind, ...rest] = key.split(' ');
  const name = rest.join(' ');
  if (kind === 'sweep') return { sweepId: name, researcher: null };
  if (kind === 'phenomenon') return { sweepId: null, researcher: null, phenomenon: name as Phenomenon };
  return kind === 'researcher' ? { sweepId: null, researcher: name } : null;
}
