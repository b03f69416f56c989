import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Preference } from '../../shared/work.ts';
import { PreferenceChoice } from './PreferenceChoice.tsx';

const box = document.createElement('div');
const open = [
  { id: 'grid-0123abcd', title: 'A grid', researcher: 'Ada Lovelace' },
  { id: 'second-0123abcd', title: 'Another', researcher: 'Ada Lovelace' },
];
let chosen: Preference | null = null;

beforeEach(() => document.body.append(box));
afterEach(() => {
  act(() => render(null, box));
  box.remove();
});

const show = (value: Preference | null, note: string | null = null) => {
  const choose = (next: Preference | null) => {
    chosen = next;
  };
  act(() => render(<PreferenceChoice value={value} open={open} note={note} onChange={choose} />, box));
  return box.querySelector('select') as HTMLSelectElement;
};

function choose(words: string): Preference | null {
  const select = show(null);
  select.value = [...select.options].find(({ text }) => text === words)?.value ?? '?';
  act(() => void select.dispatchEvent(new Event('change', { bubbles: true })));
  return chosen;
}

test('a volunteer may prefer a sweep, a researcher or neither, and is told that units cannot be chosen', () => {
  expect(choose('Another')).toEqual({ sweepId: 'second-0123abcd', researcher: null });
  expect(choose('Ada Lovelace')).toEqual({ sweepId: null, researcher: 'Ada Lovelace' });
  expect(choose('whatever is needed')).toBeNull();
  expect(box.textContent).toContain('which ones you get cannot be chosen');
});

test('a researcher is listed once, whatever the number of sweeps', () => {
  const names = [...show(null).options].map(({ text }) => text);
  expect(names).toEqual(['whatever is needed', 'A grid', 'Another', 'Ada Lovelace']);
});

test('a wish from a link is chosen even where it has no work just now', () => {
  const at = (select: HTMLSelectElement) => select.selectedOptions[0]?.text;
  expect(at(show({ sweepId: 'done-0123abcd', researcher: null }))).toBe('done-0123abcd');
  expect(at(show({ sweepId: null, researcher: 'Emmy Noether' }))).toBe('Emmy Noether');
});

test('a wish that cannot be met says so beside the choice', () => {
  const select = show({ sweepId: 'nosuch-12345678', researcher: null }, 'There is no sweep nosuch-12345678.');
  const described = (select.getAttribute('aria-describedby') ?? '').split(' ');
  const words = described.map((id) => box.querySelector(`#${id}`)?.textContent).join(' ');
  expect(words).toContain('There is no sweep nosuch-12345678.');
});
