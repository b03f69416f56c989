import { useEffect, useRef } from 'preact/hooks';
import { lending } from '../../words/lending.ts';
import { KEYS, type Shortcut } from './shortcuts.ts';

interface KeysDialogProps {
  isOpen: boolean;
  /** Whether the keys are on. */
  isOn: boolean;
  onSwitch: (isOn: boolean) => void;
  onClose: () => void;
}

/** The keys that control the page, and the switch that turns them off. */
export function KeysDialog({ isOpen, isOn, onSwitch, onClose }: KeysDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { keys } = lending().settings;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="keys-title" onClose={onClose}>
      <form method="dialog" class="dialog-body">
        <h2 id="keys-title">{keys.title}</h2>
        <dl class="keys">
          {(Object.keys(KEYS) as Shortcut[]).map((name) => (
            <div key={name}>
              <dt>
                <kbd>{KEYS[name]}</kbd>
              </dt>
              <dd>{keys[name]}</dd>
            </div>
          ))}
        </dl>
        <p class="small">{keys.how}</p>
        <label class="check">
          <input type="checkbox" checked={isOn} onChange={(event) => onSwitch(event.currentTarget.checked)} />
          {keys.on}
        </label>
        <p class="actions">
          <button type="submit" class="button">
            {keys.close}
          </button>
        </p>
      </form>
    </dialog>
  );
}
