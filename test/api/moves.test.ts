import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LIMITS } from '../../shared/limits.ts';
import type { VolunteerReply } from '../../shared/protocol.ts';
import type { MoveReply } from '../../shared/volunteers.ts';
import { sha256 } from '../../worker/digest.ts';
import { call, env, own, post, Volunteer } from './world.ts';

let volunteer: Volunteer;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  volunteer = await Volunteer.join('Emmy');
});
afterEach(() => vi.useRealTimers());

const made = async (who = volunteer) =>
  (await (await own('POST', '/api/me/moves', who.token)).json()) as MoveReply;
const use = (code: string) => post('/api/moves', { code });
const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

test('a code makes another device the same volunteer, once', async () => {
  const { code, expiresAtMs } = await made();
  expect(expiresAtMs - Date.now()).toBe(LIMITS.moveMs);
  const there = (await (await use(code)).json()) as VolunteerReply;
  expect(there).toEqual({ volunteerId: volunteer.id, token: volunteer.token, name: 'Emmy' });
  expect((await use(code)).status).toBe(404);
});

test('of two who use a code at once only one is let in', async () => {
  const { code } = await made();
  const statuses = await Promise.all([use(code), use(code), use(code)].map(async (r) => (await r).status));
  expect(statuses.sort()).toEqual([200, 404, 404]);
});

test('a code that was used, has run out, is of somebody deleted or never was one gets the same answer', async () => {
  const [used, old, gone] = [await made(), await made(), await made(await Volunteer.join())];
  await use(used.code);
  const deleted = await Volunteer.join();
  const theirs = await made(deleted);
  await own('DELETE', '/api/me', deleted.token);
  later(LIMITS.moveMs);
  const answers = await Promise.all(
    [used.code, old.code, gone.code, theirs.code, 'ab'.repeat(16)].map(async (code) => {
      const reply = await use(code);
      return [reply.status, await reply.text()];
    }),
  );
  expect(answers.map(([status]) => status)).toEqual([404, 404, 404, 404, 404]);
  expect(new Set(answers.map(([, text]) => text)).size).toBe(1);
});

test('codes cannot be guessed, and are known by their hash only', async () => {
  const codes = [await made(), await made(), await made()].map(({ code }) => code);
  for (const code of codes) expect(code).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(codes).size).toBe(3);
  const stored = JSON.stringify((await env.DB.prepare('SELECT * FROM moves').all()).results);
  for (const code of codes) {
    expect(stored).not.toContain(code);
    expect(stored).toContain(await sha256(code));
  }
  expect((await call(`/api/moves?code=${codes[0]}`)).status).toBe(404);
  expect((await use(codes[0]?.slice(1) ?? '')).status).toBe(400);
  expect((await use(codes[0] ?? '')).status).toBe(200);
});

test('of many codes the newest few are good', async () => {
  const codes: string[] = [];
  for (let i = 0; i <= LIMITS.movesOpenMax; i++) {
    codes.push((await made()).code);
    later(1);
  }
  const statuses: number[] = [];
  for (const code of codes) statuses.push((await use(code)).status);
  expect(statuses).toEqual([404, ...Array(LIMITS.movesOpenMax).fill(200)]);
});

test('who makes many codes leaves those of others alone', async () => {
  const { code } = await made(await Volunteer.join());
  later(1);
  for (let i = 0; i < LIMITS.movesOpenMax; i++) await made();
  expect((await use(code)).status).toBe(200);
});

test('a network that tries codes in masses is told to wait', async () => {
  const headers = { 'content-type': 'application/json', 'cf-connecting-ip': '203.0.113.7' };
  const body = JSON.stringify({ code: 'cd'.repeat(16) });
  let last = 404;
  for (let i = 0; i < 70 && last === 404; i++)
    last = (await call('/api/moves', { method: 'POST', headers, body })).status;
  expect(last).toBe(429);
});
