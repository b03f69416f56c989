import { afterEach, expect, test, vi } from 'vitest';
import { forget, keep, kept } from './page-memory.ts';

afterEach(() => vi.unstubAllGlobals());

/** A storage that keeps what it is given. */
function storage(items: Map<string, string>): void {
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => items.set(key, value),
    removeItem: (key: string) => items.delete(key),
  });
}

test('what is kept comes back until it is forgotten', () => {
  storage(new Map());
  keep('localStorage', 'a', { b: [1, null] });
  expect(kept('localStorage', 'a')).toEqual({ b: [1, null] });
  forget('localStorage', 'a');
  expect(kept('localStorage', 'a')).toBeNull();
});

test('what cannot be read is as if it had never been kept', () => {
  storage(new Map([['a', '{']]));
  expect(kept('localStorage', 'a')).toBeNull();
});

test('where storage is refused nothing is kept, and nothing throws', () => {
  const refuse = () => {
    throw new Error('refused');
  };
  vi.stubGlobal('sessionStorage', { getItem: refuse, setItem: refuse, removeItem: refuse });
  keep('sessionStorage', 'a', 1);
  forget('sessionStorage', 'a');
  expect(kept('sessionStorage', 'a')).toBeNull();
});
