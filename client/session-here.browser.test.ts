import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { moveIn } from './identity.ts';
import { chooseLanguage } from './language.ts';
import { forgetPause, keepPause } from './pause.ts';
import { isSessionDue, progressHere, sessionHere, wantSession, withSession } from './session-here.ts';

const clear = () => {
  localStorage.clear();
  sessionStorage.clear();
};
beforeEach(clear);
afterEach(async () => {
  await chooseLanguage('en');
  clear();
});

const pause = { atMs: 1, prefers: null, isFinishing: false };

test('training is due only in a tab that trained, or was paused, before it was loaded', () => {
  expect(isSessionDue()).toBe(false);
  keepPause(pause);
  expect(isSessionDue()).toBe(true);
  forgetPause();
  expect(isSessionDue()).toBe(false);
  const renewal = { atMs: Date.now(), resume: { prefers: null } };
  sessionStorage.setItem('tabgrad.renewal', JSON.stringify(renewal));
  expect(isSessionDue()).toBe(true);
  sessionStorage.setItem('tabgrad.renewal', JSON.stringify({ ...renewal, resume: null }));
  expect(isSessionDue()).toBe(false);
  sessionStorage.setItem('tabgrad.renewal', 'nonsense');
  expect(isSessionDue()).toBe(false);
});

test('all pages share one training, and say how far it is in the language of the reader', async () => {
  moveIn({ volunteerId: 'v', token: 't', name: null });
  keepPause(pause);
  expect([sessionHere.value, progressHere.value]).toEqual([null, null]);
  const load = vi.fn(async () => ({ default: 'a page' }));
  expect(await withSession(load)()).toEqual({ default: 'a page' });
  expect(sessionHere.value?.state.value.status).toBe('paused');
  expect(await wantSession()).toBe(sessionHere.value);
  expect(progressHere.value).toBe('paused');
  await chooseLanguage('de');
  expect(progressHere.value).toBe('Pause');
  sessionHere.value?.stop();
  expect(progressHere.value).toBeNull();
});
