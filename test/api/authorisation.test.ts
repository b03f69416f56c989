import { beforeAll, describe, expect, test, vi } from 'vitest';
import { volunteerToken } from '../../worker/auth.ts';
import app from '../../worker/index.ts';
import { call, env, newSweep, post, researcher, tinySpec, Volunteer } from './world.ts';

const everybody = ['nobody', 'volunteer', 'researcher', 'forger', 'stranger'] as const;
type Role = (typeof everybody)[number];

/** Who gets in. A route that is missing here fails the first test. */
const MATRIX: Record<string, readonly Role[]> = {
  'GET /api/health': everybody,
  'GET /api/home': everybody,
  'GET /api/sweeps': everybody,
  'POST /api/sweeps': ['researcher'],
  'GET /api/sweeps/:id': everybody,
  'GET /api/sweeps/:id/runs/:index': everybody,
  'GET /api/boards': everybody,
  'POST /api/volunteers': everybody,
  'POST /api/work/exchange': ['volunteer'],
  'POST /api/work/heartbeat': ['volunteer'],
  'POST /api/work/hand-back': ['volunteer'],
  'GET /api/openapi.json': everybody,
};

const routes = [
  ...new Set(
    app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`),
  ),
];
const tokens = new Map<Role, string>();

beforeAll(async () => {
  const volunteer = await Volunteer.join();
  tokens.set('volunteer', volunteer.token);
  tokens.set('researcher', await researcher());
  tokens.set('forger', await volunteerToken({ ...env, TOKEN_SECRET: 'guessed' }, volunteer.id));
  tokens.set('stranger', `tg_${'a'.repeat(43)}`);
});

test('every route is in the matrix', () => {
  expect(routes.sort()).toEqual(Object.keys(MATRIX).sort());
});

describe.each(Object.entries(MATRIX))('%s', (route, allowed) => {
  test.each(everybody)('by %s', async (role) => {
    const [method = '', path = ''] = route.split(' ');
    const token = tokens.get(role);
    const init = {
      method,
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      ...(method === 'POST' ? { body: '{}' } : {}),
    };
    const { status } = await call(path.replace(':id', 'none').replace(':index', '0'), init);
    // Inside, a request that says nothing fails for another reason.
    expect(status === 401).toBe(!allowed.includes(role));
  });
});

describe('a token is not accepted', () => {
  test.each([
    [
      'of another volunteer, with the own signature',
      (own: string) => own.replace(/\.[0-9a-f]/, (m) => (m === '.0' ? '.1' : '.0')),
    ],
    [
      'with a bit of the signature changed',
      (own: string) => own.slice(0, -2) + (own.at(-2) === 'A' ? 'B' : 'A') + own.slice(-1),
    ],
    ['without a signature', (own: string) => own.split('.').slice(0, 2).join('.')],
    ['of another version', (own: string) => own.replace('v1', 'v2')],
    ['that is empty', () => ''],
  ])('%s', async (_, change) => {
    const { token } = await Volunteer.join();
    expect((await post('/api/work/exchange', {}, token)).status).toBe(400);
    expect((await post('/api/work/exchange', {}, change(token))).status).toBe(401);
  });

  test('as a cookie or in the address', async () => {
    const token = await researcher();
    const body = JSON.stringify(tinySpec('cookie'));
    const cookie = { cookie: `authorization=Bearer ${token}; token=${token}` };
    expect((await call('/api/sweeps', { method: 'POST', headers: cookie, body })).status).toBe(401);
    expect((await call(`/api/sweeps?token=${token}`, { method: 'POST', body })).status).toBe(401);
  });
});

test('researchers are known by the hash of their token only', async () => {
  const token = await researcher();
  const { results } = await env.DB.prepare('SELECT * FROM researchers').all();
  expect(results.length).toBeGreaterThan(0);
  expect(JSON.stringify(results)).not.toContain(token.slice(3));
});

test('a server without a secret lets no volunteer in, and says why', async () => {
  const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  const { TOKEN_SECRET: _, ...bare } = env;
  const volunteer = await Volunteer.join();
  const headers = { authorization: `Bearer ${volunteer.token}`, 'content-type': 'application/json' };
  for (const path of ['/api/work/exchange', '/api/volunteers']) {
    const reply = await app.request(path, { method: 'POST', headers, body: '{}' }, bare);
    expect(reply.status).toBe(500);
    expect(await reply.text()).toContain('TOKEN_SECRET is missing');
  }
  errors.mockRestore();
});

test("nobody can end or prolong somebody else's lease", async () => {
  const id = await newSweep('lease-theft');
  const [owner, thief] = [await Volunteer.join(), await Volunteer.join()];
  const lease = await owner.lease(id);
  const impostor = new Volunteer(thief.id, thief.token, owner.deviceId);
  expect(await (await impostor.say('heartbeat', lease)).json()).toMatchObject({ leased: false });
  await impostor.say('hand-back', lease, { fault: false, reason: 'mine' });
  expect(await (await owner.say('heartbeat', lease)).json()).toMatchObject({ leased: true });
  expect((await impostor.lease(id)).unit).not.toBe(lease.unit);
});
