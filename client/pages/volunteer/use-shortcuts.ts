import { useEffect, useRef } from 'preact/hooks';
import { type Shortcut, shortcutOf } from './shortcuts.ts';

/** Listens for single keys while they are on. */
export function useShortcuts(isOn: boolean, act: (shortcut: Shortcut) => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (!isOn) return;
    const press = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event, event.composedPath()[0] ?? null);
      if (!shortcut) return;
      event.preventDefault();
      latest.current(shortcut);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [isOn]);
}
