interface SegmentsProps<Name extends string> {
  /** Of the group: one of its kind on a page. */
  name: string;
  legend: string;
  /** Names with what they are called. */
  of: Readonly<Record<Name, string>>;
  value: Name;
  onChange: (name: Name) => void;
}

/** One of a few, side by side. */
export function Segments<Name extends string>({
  name: group,
  legend,
  of,
  value,
  onChange,
}: SegmentsProps<Name>) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{legend}</legend>
      {(Object.keys(of) as Name[]).map((name) => (
        <label key={name}>
          <input type="radio" name={group} checked={name === value} onChange={() => onChange(name)} />
          <span>{of[name]}</span>
        </label>
      ))}
    </fieldset>
  );
}
