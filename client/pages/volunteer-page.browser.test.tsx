import { signal } from '@preact/signals';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { LocationProvider } from 'preact-iso/router';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { consentedAt, keepConsent } from '../identity.ts';
import type { Session } from '../session.ts';
import { SessionContext } from '../session-here.ts';
import { IDLE, type SessionState } from '../session-state.ts';
import { DEFAULTS, type Settings } from '../volunteer/settings.ts';
import { speak } from '../words/index.ts';
import VolunteerPage from './VolunteerPage.tsx';

const box = document.createElement('div');
const calls: unknown[] = [];

beforeEach(() => {
  document.body.append(box);
  calls.length = 0;
  vi.stubGlobal('fetch', async () => Response.json({ sweeps: [], finding: null }));
});
afterEach(async () => {
  act(() => render(null, box));
  box.remove();
  localStorage.clear();
  vi.unstubAllGlobals();
  await speak('en');
});

function shown(
  change: Partial<SessionState> = {},
  settings: Partial<Settings> = {},
  isOnBattery: boolean | null = null,
): Session {
  const called = (name: string) => () => {
    calls.push(name);
  };
  const own = signal<Settings>({ ...DEFAULTS, ...settings });
  const session = {
    state: signal<SessionState>({ ...IDLE, ...change }),
    settings: own,
    conditions: signal({ minuteOfDay: 720, isOnBattery, isHidden: false }),
    change: (changed: Partial<Settings>) => {
      calls.push(changed);
      own.value = { ...own.value, ...changed };
    },
    start: async (options: unknown) => {
      calls.push(['start', options]);
    },
    takeOver: async () => called('takeOver')(),
    ...{ wantShow: () => {}, measure: called('measure'), finish: called('finish') },
    ...{ pause: called('pause'), resume: called('resume'), stop: called('stop') },
  } as unknown as Session;
  const page = (
    <LocationProvider>
      <SessionContext.Provider value={session}>
        <VolunteerPage />
      </SessionContext.Provider>
    </LocationProvider>
  );
  act(() => render(page, box));
  return session;
}

const button = (words: string | RegExp) =>
  [...box.querySelectorAll('button')].find(({ textContent }) => textContent.match(words));
const press = (words: string | RegExp) => act(() => button(words)?.click());
const key = (name: string, on: EventTarget = document.body) =>
  act(
    () => void on.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, composed: true })),
  );

test('before anything is computed the page says what would be, with numbers, and only a press starts it', () => {
  shown({}, { duty: 25, cause: { sweepId: null, researcher: 'Ada' } });
  expect(box.textContent).toContain('Up to 25 % of the time');
  expect(box.textContent).toContain('has not been measured here yet');
  expect(box.textContent).toMatch(/typically 3\.6 kB, at most/);
  expect(box.textContent).toContain('Nothing is mined.');
  expect(calls).toEqual([]);
  press(/^Agree and start$/);
  expect(calls).toEqual([['start', { prefers: { sweepId: null, researcher: 'Ada' }, name: null }]]);
});

test('one click takes the consent back: what trains stops, and the page asks anew', () => {
  keepConsent(1000);
  const session = shown({ status: 'on', isInHand: false });
  press(/^Withdraw my consent$/);
  expect(calls).toEqual(['stop']);
  expect(consentedAt()).toBeNull();
  act(() => {
    session.state.value = { ...session.state.value, status: 'off' };
  });
  expect(box.textContent).toContain('Nothing is computed here, and nothing will be before you agree again.');
  expect(button(/^Agree and start$/)).toBeDefined();
});

test('what becomes of the battery and of a name is said before there is anything to agree to', () => {
  shown();
  expect(box.textContent).toContain('so it trains either way');
  expect(box.textContent).toContain('Others see it only if you choose so later, on your page.');
  act(() => render(null, box));
  shown({}, {}, false);
  expect(box.textContent).toContain('On battery it rests; the settings can change that.');
});

test('the share of the time is set with a slider, and what was measured stands beside it', () => {
  shown({ status: 'on', duty: 0.25, busy: { share: 0.26, overMs: 20_000 } }, { duty: 25 });
  const slider = box.querySelector<HTMLInputElement>('input[type=range]')!;
  expect([slider.min, slider.max, slider.value]).toEqual(['10', '100', '25']);
  const described = document.getElementById(slider.getAttribute('aria-describedby') ?? '');
  expect(described?.textContent).toBe('set 25 %, measured 26 % over the last 20 s');
  slider.value = '60';
  act(() => void slider.dispatchEvent(new Event('input', { bubbles: true })));
  expect(calls).toEqual([{ duty: 60 }]);
});

test('single keys pause, go on and stop, start nothing, and can be switched off', () => {
  const session = shown({ status: 'on' }, { duty: 50 });
  key('p');
  act(() => {
    session.state.value = { ...session.state.value, status: 'paused' };
  });
  for (const name of ['p', '+', 'f', 's']) key(name);
  expect(calls).toEqual(['pause', 'resume', { duty: 55 }, 'finish', 'stop']);
  calls.length = 0;
  key('s', box.querySelector('select') ?? document.createElement('select'));
  act(() => {
    session.settings.value = { ...session.settings.value, shortcuts: false };
  });
  key('p');
  expect(calls).toEqual([]);
  expect(button(/^Resume$/)?.getAttribute('aria-keyshortcuts')).toBeNull();
});

test('the question mark shows the keys, and the switch that turns them off', () => {
  shown();
  key('?');
  const dialog = box.querySelector('dialog')!;
  expect(dialog.open).toBe(true);
  expect([...dialog.querySelectorAll('kbd')].map(({ textContent }) => textContent)).toEqual([
    'p',
    'f',
    's',
    '+',
    '-',
    '?',
  ]);
  act(() => dialog.querySelector<HTMLInputElement>('input[type=checkbox]')?.click());
  expect(calls).toEqual([{ shortcuts: false }]);
});

test('why it rests, that it was paused before, and that another tab trains are said in words', () => {
  shown({ status: 'on', rest: { why: 'hours', until: 22 } });
  expect(box.textContent).toContain('Resting until 22:00, as your hours say.');
  act(() => render(null, box));
  shown({ status: 'paused', pausedBefore: { atMs: Date.UTC(2026, 10, 22, 12) } });
  expect(box.textContent).toMatch(/Paused since 22 November 2026, .+ until you press Resume/);
  press(/^Resume$/);
  act(() => render(null, box));
  shown({ elsewhere: true });
  expect(button(/^Agree and start$/)).toBeUndefined();
  press(/^Train here instead$/);
  expect(calls).toEqual(['resume', 'takeOver']);
});

test('where the browser does not tell of its battery the rule is not offered, and the page says why', () => {
  shown();
  const rest = [...box.querySelectorAll('label')].find(({ textContent }) =>
    /Rest while on battery/.test(textContent),
  );
  expect(rest?.querySelector('input')?.disabled).toBe(true);
  expect(box.textContent).toContain('This browser does not tell whether the device is on battery');
});

test('why it ended is brought into view, with what to do now that it has', async () => {
  const session = shown();
  scrollTo(0, document.documentElement.scrollHeight);
  expect(scrollY).toBeGreaterThan(0);
  act(() => {
    session.state.value = {
      ...session.state.value,
      ...{ problem: 'The server made a mistake.', problemKind: 'serverFault' as const },
    };
  });
  const alert = box.querySelector('[role=alert]')!;
  expect(alert.textContent).toContain('Press Start again in a little while.');
  await vi.waitFor(() => {
    const { top, bottom } = alert.getBoundingClientRect();
    expect(Math.round(top)).toBeGreaterThanOrEqual(0);
    expect(Math.round(bottom)).toBeLessThanOrEqual(innerHeight);
  });
});

test('the page speaks German', async () => {
  await speak('de');
  shown({ status: 'on' }, { duty: 50 });
  expect(box.querySelector('h1')?.textContent).toBe('Dieses Gerät mitrechnen lassen');
  expect(button(/^Pause$/)).toBeDefined();
  expect(box.textContent).toContain('Anteil der Zeit');
});
