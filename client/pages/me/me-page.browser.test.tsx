import { signal } from '@preact/signals';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MeReply } from '../../../shared/volunteers.ts';
import { loadIdentity } from '../../identity.ts';
import type { Session } from '../../session.ts';
import { SessionContext } from '../../session-here.ts';
import { IDLE, type SessionState } from '../../session-state.ts';
import MePage from '../MePage.tsx';

const ID = 'abcd'.repeat(8);
const CODE = '0123456789abcdef'.repeat(2);
const me = (change: Partial<MeReply> = {}): MeReply => ({
  ...{ volunteerId: ID, name: null, isListed: false, createdAtMs: Date.UTC(2026, 10, 1), team: null },
  ...{ accepted: { runs: 12, credit: 3400 }, lately: { runs: 2, credit: 100 }, refused: [] },
  sweeps: [{ sweepId: 'grid-0123abcd', title: 'A grid', runs: 12, credit: 3400 }],
  ...change,
});
const runs = [
  { run: 3, segments: [{ from: 0, to: 1000 }], isFinished: true },
  { run: 5, segments: [{ from: 0, to: 400 }], isFinished: false },
];

const box = document.createElement('div');
const text = () => box.textContent ?? '';
let sent: { method: string; url: string; body: unknown; token: string | null }[] = [];
let answers: Record<string, () => Response> = {};
const state = signal<SessionState>(IDLE);
let stops = 0;
const session = {
  state,
  stop: () => {
    stops++;
    state.value = IDLE;
  },
} as unknown as Session;

beforeEach(() => {
  document.body.append(box);
  localStorage.clear();
  state.value = IDLE;
  stops = 0;
  sent = [];
  answers = {
    'GET /api/me': () => Response.json(me()),
    'GET /api/me/runs/grid-0123abcd?from=0': () => Response.json({ runs, nextRun: null }),
  };
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    const method = init.method ?? 'GET';
    const token = new Headers(init.headers).get('authorization');
    sent.push({ method, url, token, body: JSON.parse(String(init.body ?? 'null')) });
    return answers[`${method} ${url}`]?.() ?? Response.error();
  });
});
afterEach(() => {
  act(() => render(null, box));
  box.remove();
  history.replaceState(null, '', location.pathname + location.search);
  vi.unstubAllGlobals();
});

const known = (change = {}) => {
  const identity = { volunteerId: ID, token: 'tv_1', deviceId: '12'.repeat(16), name: null, ...change };
  localStorage.setItem('tabgrad.volunteer', JSON.stringify(identity));
};
const show = () =>
  act(() =>
    render(
      <SessionContext.Provider value={session}>
        <MePage />
      </SessionContext.Provider>,
      box,
    ),
  );
const button = (words: string) => {
  const found = [...box.querySelectorAll('button')].find(({ textContent }) => textContent === words);
  if (!found) throw new Error(`no button "${words}" in ${text()}`);
  return found;
};
const press = (words: string) => act(() => button(words).click());
const fill = (label: string, value: string) => {
  const field = [...box.querySelectorAll('label')].find((l) => l.textContent?.trim().startsWith(label));
  const input = field?.querySelector('input') as HTMLInputElement;
  act(() => {
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
  return input;
};
const focused = () => document.activeElement !== document.body && document.activeElement?.textContent;
const asked = () => sent.map(({ method, url }) => `${method} ${url}`);
const sectionText = (id: string) => box.querySelector(`section[aria-labelledby=${id}]`)?.textContent ?? '';

test('a browser that is nobody asks the server nothing, and is told how to begin', () => {
  show();
  expect(text()).toContain('This browser is nobody here yet');
  expect(box.querySelector('a.button-main')?.getAttribute('href')).toBe('/run');
  expect([sent, loadIdentity()]).toEqual([[], null]);
});

test('a volunteer sees what was accepted, what waits for others, and what was refused with the reason', async () => {
  const refusal = { sweepId: 'grid-0123abcd', run: 7, to: 500, code: 'bad-result' as const, atMs: 0 };
  answers['GET /api/me'] = () =>
    Response.json(me({ refused: [{ ...refusal, message: 'The losses contradict the accuracies.' }] }));
  known();
  show();
  await expect.poll(text).toContain('run 5 to step 400');
  expect(text()).toContain('anonymous abcd');
  expect(sectionText('work')).toContain('3400 credit');
  expect(sectionText('work')).toContain('yours is 3.4 TFLOP');
  expect(box.querySelector('a[href="/sweeps/grid-0123abcd#curves"]')?.textContent).toBe(
    'your runs are these dots',
  );
  expect(box.querySelector('#work ~ ul a[href="/sweeps/grid-0123abcd/runs/3"]')).not.toBeNull();
  expect(sectionText('pending')).toContain('One run that you trained a part of waits');
  expect(sectionText('refused')).toContain('Run 7, up to step 500');
  expect(sectionText('refused')).toContain('Mostly a graphics driver');
  expect(sectionText('refused')).toContain('The losses contradict the accuracies.');
  expect(sectionText('badges')).toContain('Ten runs');
  expect(sectionText('badges')).not.toContain('A hundred runs');
});

test('a name is kept by the server and then here, and can be taken away', async () => {
  answers['PATCH /api/me'] = () => Response.json(me({ name: 'Ada' }));
  known();
  show();
  await expect.poll(text).toContain('Keep the name');
  fill('Display name', ' Ada ');
  act(() => button('Keep the name').focus());
  press('Keep the name');
  await expect.poll(() => loadIdentity()?.name).toBe('Ada');
  await expect.poll(text).toContain('The name is kept.');
  expect(focused()).toBe('Keep the name');
  expect(sent.find(({ method }) => method === 'PATCH')).toMatchObject({
    ...{ body: { name: 'Ada' }, token: 'Bearer tv_1' },
  });
  answers['PATCH /api/me'] = () => Response.json(me());
  press('Take the name away');
  await expect.poll(() => loadIdentity()?.name).toBe(null);
  expect(sent.at(-1)?.body).toEqual({ name: null });
});

test('nobody’s name is shown to others who did not ask for it', async () => {
  answers['PATCH /api/me'] = () => Response.json(me({ isListed: true }));
  known();
  show();
  await expect.poll(text).toContain('Show my name to others');
  const check = () => box.querySelector('#who ~ * input[type=checkbox]') as HTMLInputElement;
  expect(check().checked).toBe(false);
  act(() => check().click());
  await expect.poll(text).toContain('Others can see your name now.');
  expect(check().checked).toBe(true);
  expect(sent.at(-1)?.body).toEqual({ isListed: true });
});

test('the code of a link leaves the address at once, and nothing happens before a press', async () => {
  history.replaceState(null, '', `#move=${CODE}`);
  answers['POST /api/moves'] = () => Response.json({ volunteerId: ID, token: 'tv_1', name: 'Ada' });
  answers['GET /api/me'] = () => Response.json(me({ name: 'Ada' }));
  show();
  expect(location.hash).toBe('');
  expect([sent, text().includes('Move in from another device')]).toEqual([[], true]);
  press('Move in');
  await expect.poll(text).toContain('This browser is now Ada.');
  expect(sent[0]).toMatchObject({ url: '/api/moves', body: { code: CODE } });
  expect(loadIdentity()).toMatchObject({ volunteerId: ID, name: 'Ada' });
});

test('who is somebody already is told what stays behind, and may stay who they are', async () => {
  known({ name: 'Bo' });
  answers['GET /api/me'] = () => Response.json(me({ name: 'Bo' }));
  history.replaceState(null, '', `#move=${CODE}`);
  show();
  expect(text()).toContain('This browser is Bo already.');
  expect(text()).toContain('What Bo did stays where it is and stays accepted');
  press('Stay who I am');
  expect(text()).not.toContain('This browser is Bo already.');
  expect([loadIdentity()?.name, asked().includes('POST /api/moves')]).toEqual(['Bo', false]);
});

test('a link that was used up changes nobody, and says what to do', async () => {
  known({ name: 'Bo' });
  history.replaceState(null, '', `#move=${CODE}`);
  const error = { code: 'not-found', message: 'No such code.' };
  answers['POST /api/moves'] = () => Response.json({ error }, { status: 404 });
  answers['GET /api/me'] = () => Response.json(me({ name: 'Bo' }));
  show();
  press('Replace it');
  await expect.poll(text).toContain('This link was used already');
  expect(loadIdentity()?.name).toBe('Bo');
  press('Stay who I am');
});

test('a link that is cut off is not sent at all', () => {
  history.replaceState(null, '', '#move=0123');
  show();
  expect(text()).toContain('This link is not whole.');
  expect(sent).toEqual([]);
  press('Close');
  expect(text()).not.toContain('This link is not whole.');
});

test('a link for another device comes as text and as a picture with words', async () => {
  answers['POST /api/me/moves'] = () => Response.json({ code: CODE, expiresAtMs: Date.now() + 600_000 });
  known();
  show();
  await expect.poll(text).toContain('Make a link');
  press('Make a link');
  await expect.poll(() => box.querySelector('svg.qr')?.getAttribute('aria-label')).toContain('QR code');
  const link = [...box.querySelectorAll('input')].find(({ value }) => value.includes('#move='));
  expect(link?.value).toBe(`${location.origin}/me#move=${CODE}`);
  expect(text()).toContain('Works for 10 min more');
});

test('a volunteer is deleted only by typing it, and then this browser is nobody', async () => {
  answers['DELETE /api/me'] = () => Response.json({ ok: true });
  known();
  state.value = { ...IDLE, status: 'on' };
  show();
  await expect.poll(text).toContain('Delete it for good …');
  press('Delete it for good …');
  const dialog = () => box.querySelector('dialog');
  expect(dialog()?.textContent).toContain('What stays are the curves of accepted runs');
  expect(dialog()?.textContent).toContain('Training in this tab is stopped first.');
  expect(button('Delete it for good').disabled).toBe(true);
  press('Keep everything');
  expect([dialog(), asked().includes('DELETE /api/me')]).toEqual([null, false]);
  press('Delete it for good …');
  fill('Type delete', 'Delete');
  press('Delete it for good');
  await expect.poll(text).toContain('The volunteer is deleted, here and on the server.');
  expect([loadIdentity(), stops]).toEqual([null, 1]);
  expect(asked()).toContain('DELETE /api/me');
  expect(text()).toContain('This browser is nobody here yet');
  // What had the keyboard is gone.
  await expect.poll(focused).toContain('The volunteer is deleted');
});

test('a volunteer that was deleted elsewhere can be forgotten here', async () => {
  const error = { code: 'unauthorized', message: 'No such volunteer.' };
  answers['GET /api/me'] = () => Response.json({ error }, { status: 401 });
  known();
  show();
  await expect.poll(text).toContain('The server does not know this volunteer any more');
  press('Forget it on this device …');
  press('Forget it here');
  await expect.poll(text).toContain('This browser is nobody again.');
  expect(loadIdentity()).toBeNull();
});

test('a server that fails is told of, with a way to try again', async () => {
  answers['GET /api/me'] = () => new Response('', { status: 502 });
  known();
  show();
  await expect.poll(() => box.querySelector('[role=alert]')?.textContent).toContain('status 502');
  answers['GET /api/me'] = () => Response.json(me());
  press('Try again');
  await expect.poll(text).toContain('anonymous abcd');
});

test('a team is founded with a name, its invitation can be taken along, and it is left after a question', async () => {
  const team = { id: 't-1', name: 'Night owls', invite: CODE };
  answers['POST /api/teams'] = () => Response.json(me({ team }));
  answers['DELETE /api/me/team'] = () => Response.json(me());
  known();
  show();
  await expect.poll(text).toContain('You are in no team.');
  fill('Name of a new team', 'Night owls');
  press('Found a team');
  await expect.poll(text).toContain('You are in Night owls.');
  const invite = [...box.querySelectorAll('input')].find(({ value }) => value.includes('/teams/join#'));
  expect(invite?.value).toBe(`${location.origin}/teams/join#${CODE}`);
  expect(focused()).toBe('Team');
  press('Leave the team');
  expect(asked()).not.toContain('DELETE /api/me/team');
  press('Leave');
  await expect.poll(text).toContain('You left the team.');
});
