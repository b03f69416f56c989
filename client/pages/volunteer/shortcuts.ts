// Single keys that control the page: none while something is being written, none with a modifier (WCAG 2.1.4).

export const KEYS = { pause: 'p', finish: 'f', stop: 's', more: '+', less: '-', help: '?' } as const;
export type Shortcut = keyof typeof KEYS;

/** Inputs that take no letters. */
const MUTE = new Set(['range', 'checkbox', 'radio', 'button', 'submit']);

type Pressed = Pick<
  KeyboardEvent,
  'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'isComposing' | 'repeat' | 'defaultPrevented'
>;

/** What a key asks for when it is pressed on an element; null where it is not meant for the page. */
export function shortcutOf(pressed: Pressed, on: EventTarget | null): Shortcut | null {
  const { key, ctrlKey, metaKey, altKey, isComposing, repeat, defaultPrevented } = pressed;
  if (ctrlKey || metaKey || altKey || isComposing || defaultPrevented || isWritten(on)) return null;
  const found = (Object.keys(KEYS) as Shortcut[]).find((name) => KEYS[name] === key.toLowerCase()) ?? null;
  return repeat && found !== 'more' && found !== 'less' ? null : found;
}

function isWritten(on: EventTarget | null): boolean {
  if (!(on instanceof HTMLElement)) return false;
  if (on instanceof HTMLInputElement) return !MUTE.has(on.type);
  return on.isContentEditable || on.closest('textarea, select, dialog, [role="textbox"]') !== null;
}
