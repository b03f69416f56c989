import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';

const state = mkdtempSync(join(tmpdir(), 'tabgrad-identity-'));
vi.stubEnv('TABGRAD_STATE', state);
const { forgetToken, tokenFor } = await import('./volunteer-identity.ts');

const SERVER = 'http://example.test:8787';
const kept = () => JSON.parse(readFileSync(join(state, 'volunteer', 'example.test-8787.json'), 'utf8'));
const asked: { name?: string; nonce: string }[] = [];
let isLost = false;
vi.stubGlobal('fetch', async (_: string, { body }: RequestInit) => {
  const request = JSON.parse(String(body));
  asked.push(request);
  expect(kept().nonce).toBe(request.nonce);
  if (isLost) throw new Error('lost');
  return Response.json({ volunteerId: 'v', token: `token of ${request.nonce}`, name: null }, { status: 201 });
});
beforeEach(() => {
  asked.length = 0;
  forgetToken(SERVER);
});
afterAll(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

test('a registration whose reply was lost is asked for again with the same nonce', async () => {
  isLost = true;
  await expect(tokenFor(SERVER, undefined)).rejects.toThrow('cannot be reached');
  isLost = false;
  const token = await tokenFor(SERVER, undefined);
  expect(asked[1]).toEqual(asked[0]);
  expect(await tokenFor(SERVER, undefined)).toBe(token);
  expect(asked).toHaveLength(2);
});

test('another name, like a forgotten token, is another volunteer', async () => {
  const tokens = [
    await tokenFor(SERVER, 'Ada'),
    await tokenFor(SERVER, 'Bob'),
    await tokenFor(SERVER, undefined),
  ];
  expect(tokens[0]).not.toBe(tokens[1]);
  expect(tokens[2]).toBe(tokens[1]);
  forgetToken(SERVER);
  expect(await tokenFor(SERVER, 'Bob')).not.toBe(tokens[1]);
});
