import { useRef } from 'preact/hooks';
import { belonging } from '../../words/belonging.ts';
import { useAction } from './use-action.ts';

/** A link to be taken along: to be read, selected, or copied. */
export function Copyable({ label, text, help }: { label: string; text: string; help: string }) {
  const field = useRef<HTMLInputElement>(null);
  const { said, act } = useAction();
  const { copy, copied, copyByHand } = belonging().me;
  const take = () =>
    act(async () => {
      try {
        await navigator.clipboard.writeText(text);
        return copied;
      } catch {
        // No clipboard over plain http: what is selected can be copied by hand.
        field.current?.select();
        return copyByHand;
      }
    });
  return (
    <div class="copyable">
      <label class="field">
        {label}
        <input ref={field} type="text" readOnly value={text} onFocus={(e) => e.currentTarget.select()} />
      </label>
      <button type="button" class="button" onClick={take}>
        {copy}
      </button>
      <p class="small copyable-said" role="status">
        {said}
      </p>
      <p class="small copyable-help">{help}</p>
    </div>
  );
}
