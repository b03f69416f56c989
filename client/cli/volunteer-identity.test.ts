import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import type { FinishedRun } from '../../shared/work.ts';
import { nodeOutbox } from '../storage/outbox-node.ts';
import { isKept, ownerOf } from '../volunteer/keeping.ts';

const state = mkdtempSync(join(tmpdir(), 'tabgrad-identity-'));
vi.stubEnv('TABGRAD_STATE', state);
const { forgetToken, tokenFor, volunteerFolder } = await import('./volunteer-identity.ts');

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

test('a name is not changed while finished work of the one before waits for the server', async () => {
  const token = await tokenFor(SERVER, 'Ada');
  const outbox = nodeOutbox(volunteerFolder(SERVER), { accepts: isKept, onTrouble: () => {} });
  const at = { sweepId: 'test-00000000', unit: 0, run: 0, from: 0, to: 4 };
  const result: FinishedRun = {
    ...{ ...at, curve: '', start: null, end: null, checkpoint: null, engine: 'fake', engineVersion: '1' },
    ...{ elapsedMs: 1, weightsDigest: '0'.repeat(64) },
  };
  await outbox.put('theirs', { owner: 'somebody else', result });
  await outbox.put('mine', { owner: ownerOf(token), result });
  await expect(tokenFor(SERVER, 'Bob')).rejects.toThrow(
    '1 finished result of Ada could not be delivered yet. Run the command without --name',
  );
  expect([await tokenFor(SERVER, undefined), await tokenFor(SERVER, 'Ada'), asked.length]).toEqual([
    token,
    token,
    1,
  ]);
  await outbox.remove(['mine']);
  expect(await tokenFor(SERVER, 'Bob')).not.toBe(token);
  await outbox.remove(['theirs']);
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
