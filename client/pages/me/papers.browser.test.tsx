import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ContributorsReply, MeReply, TeamReply } from '../../../shared/volunteers.ts';
import { loadIdentity } from '../../identity.ts';
import { KEPT } from '../../storage/kept.ts';
import { BELONGING } from '../../words/belonging.ts';
import { speak } from '../../words/index.ts';
import { ContributorBoards } from '../boards/ContributorBoards.tsx';
import CertificatePage from '../CertificatePage.tsx';
import PrivacyPage from '../PrivacyPage.tsx';
import { TeamView } from '../TeamPage.tsx';
import { JoinTeam } from './JoinTeam.tsx';

const ID = 'abcd'.repeat(8);
const INVITE = '0123456789abcdef'.repeat(2);
const me: MeReply = {
  ...{ volunteerId: ID, name: 'Ada', isListed: true, createdAtMs: Date.UTC(2026, 10, 1, 12), team: null },
  ...{ accepted: { runs: 12, credit: 3400 }, lately: { runs: 0, credit: 0 }, refused: [] },
  sweeps: Array.from({ length: 14 }, (_, i) => ({
    ...{ sweepId: `grid${i}-0123abcd`, title: `Grid ${i}`, runs: 1, credit: i === 13 ? 0 : 10 },
  })),
};

const box = document.createElement('div');
const text = () => box.textContent ?? '';
let answer: (url: string) => unknown = () => me;
let sent: { url: string; body: unknown }[] = [];

beforeEach(() => {
  document.body.append(box);
  localStorage.clear();
  sent = [];
  answer = () => me;
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    sent.push({ url, body: JSON.parse(String(init.body ?? 'null')) });
    const reply = answer(url);
    return reply instanceof Response ? reply : Response.json(reply);
  });
});
afterEach(() => {
  act(() => render(null, box));
  box.remove();
  vi.unstubAllGlobals();
});

const known = () =>
  localStorage.setItem(
    'tabgrad.volunteer',
    JSON.stringify({ volunteerId: ID, token: 'tv_1', deviceId: '12'.repeat(16), name: 'Ada' }),
  );
const press = (words: string) =>
  act(() => [...box.querySelectorAll('button')].find(({ textContent }) => textContent === words)?.click());

test('a certificate tells what was accepted, since when, in which unit, and claims no more', async () => {
  known();
  act(() => render(<CertificatePage />, box));
  await expect.poll(text).toContain('Certificate of contribution');
  expect(text()).toContain('12 accepted runs');
  expect(text()).toContain('3400 (3.4 TFLOP)');
  expect(text()).toContain('1 November 2026');
  expect(text()).toContain('One credit is 1 GFLOP of accepted computing');
  expect(text()).toContain('It was not trained a second time.');
  expect(text()).toContain(ID);
  expect([...box.querySelectorAll('.certificate-sweeps li')]).toHaveLength(12);
  expect(text()).toContain('and 1 more');
  expect(text()).not.toMatch(/verif/i);
});

test('nobody has no certificate, and the server is not asked', () => {
  act(() => render(<CertificatePage />, box));
  expect(text()).toContain('this browser is nobody here yet');
  expect(sent).toEqual([]);
});

const team: TeamReply = {
  ...{ id: 't1', name: 'Night owls', createdAtMs: 0, members: 3 },
  ...{ accepted: { runs: 9, credit: 90 }, lately: { runs: 1, credit: 10 } },
  listed: [{ volunteer: 'Ada', runs: 5, credit: 50 }],
};

test('a team names only members who chose to be named, and counts all', () => {
  act(() => render(<TeamView team={team} isMine={false} />, box));
  expect(text()).toContain('Night owls');
  expect(text()).toContain('2 members are counted and not named.');
  expect([...box.querySelectorAll('tbody th')].map((th) => th.textContent)).toEqual(['Ada']);
  act(() => render(<TeamView team={{ ...team, listed: [] }} isMine />, box));
  expect(text()).toContain('Nobody in this team is named.');
  expect(text()).toContain('You are in this team.');
});

test('a member without a name is called anonymous in the reader’s language', async () => {
  await speak('de');
  const listed = [{ volunteer: 'anonymous e56f', runs: 5, credit: 50 }];
  act(() => render(<TeamView team={{ ...team, listed }} isMine={false} />, box));
  expect(box.querySelector('tbody th')?.textContent).toBe('anonym e56f');
  await speak('en');
});

test('an invitation leaves the address, makes nobody before a press, and then joins', async () => {
  const before = location.pathname + location.search;
  history.replaceState(null, '', `#${INVITE}`);
  answer = (url) => {
    if (url === '/api/volunteers') return { volunteerId: ID, token: 'tv_1', name: null };
    return { ...me, team: { id: 't1', name: 'Night owls', invite: INVITE } };
  };
  act(() => render(<JoinTeam />, box));
  expect(location.pathname + location.search + location.hash).toBe(before);
  expect(text()).toContain('Joining makes an anonymous identity');
  expect([sent, loadIdentity()]).toEqual([[], null]);
  press('Join');
  await expect.poll(text).toContain('You are in Night owls now.');
  expect(sent.find(({ url }) => url === '/api/me/team')?.body).toEqual({ invite: INVITE });
  expect(box.querySelector('a.button-main')?.getAttribute('href')).toBe('/teams/t1');
});

test('an invitation to nowhere says so', async () => {
  known();
  history.replaceState(null, '', `#${INVITE}`);
  const refusal = { error: { code: 'not-found', message: 'No.' } };
  answer = (url) => (url === '/api/me' ? me : Response.json(refusal, { status: 404 }));
  act(() => render(<JoinTeam />, box));
  press('Join');
  await expect.poll(text).toContain('There is no team with this invitation.');
});

test('the privacy page lists all that is kept, here and on the server', () => {
  act(() => render(<PrivacyPage />, box));
  for (const name of Object.keys(KEPT)) expect(text()).toContain(name);
  const { things } = BELONGING.en.privacy.there;
  for (const { what, who } of Object.values(things)) {
    expect(text()).toContain(what);
    expect(text()).toContain(who);
  }
  expect(text()).toContain('no cookies');
});

const none = { volunteers: [], teams: [], unlisted: { volunteers: 0, runs: 0, credit: 0 } };
const allTime = {
  volunteers: [
    { volunteer: 'Bo', runs: 20, credit: 9000 },
    { volunteer: 'Ada', runs: 12, credit: 3400 },
  ],
  teams: [{ id: 't1', name: 'Night owls', members: 3, runs: 9, credit: 90 }],
  unlisted: { volunteers: 5, runs: 7, credit: 70 },
};
const boards: ContributorsReply = { lately: none, allTime };
const choose = (words: string) => {
  const label = [...box.querySelectorAll('.segments label')].find((l) => l.textContent === words);
  act(() => label?.querySelector('input')?.click());
};

test('the board of contributors marks the own row in words, and has one row for all who are not named', () => {
  act(() => render(<ContributorBoards boards={boards} me={me} />, box));
  expect(text()).toContain('Nobody in the last 30 days.');
  choose('all time');
  expect(text()).toContain('n = 7 volunteers, 2 named.');
  const rows = [...box.querySelectorAll('tbody tr')].map((row) => row.textContent);
  expect(rows).toEqual([
    'Bo 209000',
    'Ada you123400',
    '5 volunteers who are not named 770',
    'Night owls 3990',
  ]);
  act(() => render(<ContributorBoards boards={boards} me={{ ...me, isListed: false }} />, box));
  expect(box.querySelector('tr.is-picked')?.textContent).toContain('5 volunteers who are not named you');
});

test('where nobody ever contributed the board asks for the first', () => {
  act(() => render(<ContributorBoards boards={{ lately: none, allTime: none }} me={null} />, box));
  expect(text()).toContain('Nobody yet. Be the first');
  expect(box.querySelector('table')).toBeNull();
});
