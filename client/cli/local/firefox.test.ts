import { afterEach, expect, test, vi } from 'vitest';
import { ensureFirefox, findFirefox } from './firefox.ts';

afterEach(() => vi.unstubAllEnvs());

test('FIREFOX_PATH is the browser, or there is none', () => {
  vi.stubEnv('FIREFOX_PATH', process.execPath);
  expect(findFirefox()).toBe(process.execPath);
  vi.stubEnv('FIREFOX_PATH', '/nowhere/firefox');
  expect(findFirefox()).toBeNull();
  expect(() => ensureFirefox(() => {})).toThrow('/nowhere/firefox, which cannot be run');
});

test('an installed Firefox is found, and a machine without one has none', () => {
  vi.stubEnv('FIREFOX_PATH', '');
  expect(findFirefox({ usual: ['/nowhere/firefox', process.execPath] })).toBe(process.execPath);
  expect(findFirefox({ usual: ['/nowhere/firefox'] })).toBeNull();
});
