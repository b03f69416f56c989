import { expect, test } from 'vitest';
import { shortcutOf } from './shortcuts.ts';

const pressed = (key: string, change = {}) => ({
  ...{ key, ctrlKey: false, metaKey: false, altKey: false },
  ...{ isComposing: false, repeat: false, defaultPrevented: false, ...change },
});
const input = (type: string) => Object.assign(document.createElement('input'), { type });

test('a key is a shortcut only alone, once, and where nothing is being written', () => {
  expect(shortcutOf(pressed('P'), document.body)).toBe('pause');
  expect(shortcutOf(pressed('p', { ctrlKey: true }), document.body)).toBeNull();
  expect(shortcutOf(pressed('p', { repeat: true }), document.body)).toBeNull();
  expect(shortcutOf(pressed('+', { repeat: true }), document.body)).toBe('more');
  expect(shortcutOf(pressed('p', { isComposing: true }), document.body)).toBeNull();
  expect(shortcutOf(pressed('x'), document.body)).toBeNull();
  const fields = [input('text'), document.createElement('textarea'), document.createElement('select')];
  expect(fields.map((field) => shortcutOf(pressed('p'), field))).toEqual([null, null, null]);
  expect(shortcutOf(pressed('p'), input('range'))).toBe('pause');
});
