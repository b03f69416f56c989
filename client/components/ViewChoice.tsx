import { pathWords, valueWords } from '../../shared/spec/words.ts';
import { type MapAxis, type View, withAxis } from './heat-map.ts';

interface ViewChoiceProps {
  axes: readonly MapAxis[];
  view: View;
  onChange: (view: View) => void;
}

/** Which two axes the phase diagram shows, and where the others are held. */
export function ViewChoice({ axes, view, onChange }: ViewChoiceProps) {
  if (axes.length < 2) return null;
  const side = (name: 'across' | 'down') => (
    <label class="field">
      {name}
      <select
        value={view[name] ?? 0}
        onChange={(e) => onChange(withAxis(view, name, Number(e.currentTarget.value)))}
      >
        {axes.map(({ axis, path }) => (
          <option key={path} value={axis}>
            {pathWords(path)}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <fieldset class="choices">
      <legend class="visually-hidden">Phase diagram</legend>
      {side('down')}
      {side('across')}
      {axes
        .filter(({ axis }) => axis !== view.across && axis !== view.down)
        .map(({ axis, path, values }) => (
          <label class="field" key={path}>
            {pathWords(path)}
            <select
              value={view.held[axis] ?? 0}
              onChange={(e) =>
                onChange({ ...view, held: { ...view.held, [axis]: Number(e.currentTarget.value) } })
              }
            >
              {values.map((value, i) => (
                <option key={String(value)} value={i}>
                  {valueWords(value)}
                </option>
              ))}
            </select>
          </label>
        ))}
    </fieldset>
  );
}
