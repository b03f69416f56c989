import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { setPageTitle, setProgressTitle } from './title.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  setProgressTitle(null);
  vi.useRealTimers();
});

test('the title names the page, and before it how far training has come, at most every five seconds', () => {
  setPageTitle('Lend this device');
  setProgressTitle('starting');
  expect(document.title).toBe('starting · Lend this device · Tabgrad');
  vi.advanceTimersByTime(1000);
  setProgressTitle('run 0, 3 %');
  setProgressTitle('run 0, 4 %');
  expect(document.title).toBe('starting · Lend this device · Tabgrad');
  vi.advanceTimersByTime(4000);
  expect(document.title).toBe('run 0, 4 % · Lend this device · Tabgrad');
  setProgressTitle('paused');
  expect(document.title).toBe('paused · Lend this device · Tabgrad');
  setProgressTitle(null);
  expect(document.title).toBe('Lend this device · Tabgrad');
});
