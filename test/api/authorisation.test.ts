import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { SweepReply, VolunteerReply } from '../../shared/protocol.ts';
import { volunteerIdFor, volunteerToken } from '../../worker/auth.ts';
import app from '../../worker/index.ts';
import { call, env, get, newSweep, patch, post, researcher, tinySpec, Volunteer } from './world.ts';

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
  'GET /api/sweeps/:id/data': everybody,
  'GET /api/sweeps/:id/data/:part': everybody,
  'GET /api/datasets/:digest': everybody,
  'PUT /api/datasets/:digest': ['researcher'],
  'GET /api/boards': everybody,
  'GET /api/contributors': everybody,
  'GET /api/me': ['volunteer'],
  'PATCH /api/me': ['volunteer'],
  'DELETE /api/me': ['volunteer'],
  'GET /api/me/export': ['volunteer'],
  'GET /api/me/runs/:sweepId': ['volunteer'],
  'POST /api/me/moves': ['volunteer'],
  'POST /api/moves': everybody,
  'POST /api/teams': ['volunteer'],
  'GET /api/teams/:id': everybody,
  'POST /api/me/team': ['volunteer'],
  'DELETE /api/me/team': ['volunteer'],
  'POST /api/volunteers': everybody,
  'POST /api/work/exchange': ['volunteer'],
  'POST /api/work/heartbeat': ['volunteer'],
  'POST /api/work/hand-back': ['volunteer'],
  'GET /api/work/socket/:sweepId': ['volunteer'],
  'PUT /api/work/states/:digest': ['volunteer'],
  'GET /api/work/states/:digest': ['volunteer'],
  'PUT /api/work/snapshots/:digest': ['volunteer'],
  'GET /api/work/snapshots/:digest': ['volunteer'],
  'PATCH /api/sweeps/:id': ['researcher'],
  'POST /api/sweeps/:id/rebuild': ['researcher'],
  'GET /api/status': everybody,
  'GET /api/openapi.json': everybody,
};

// Middleware stands at /* for all methods; whatever else does so would be a route that takes any.
const routes = [
  ...new Set(
    app.routes
      .filter(({ method, path }) => !(method === 'ALL' && path === '/*'))
      .map(({ method, path }) => `${method} ${path}`),
  ),
];
const tokens = new Map<Role, string>();

beforeEach(async () => {
  // One of these requests deletes the volunteer.
  const volunteer = await Volunteer.join();
  tokens.set('volunteer', volunteer.token);
  tokens.set('researcher', await researcher());
  tokens.set('forger', await volunteerToken({ ...env, TOKEN_SECRET: 'guessed' }, volunteer.id));
  tokens.set('stranger', `tg_${'a'.repeat(43)}`);
});

test('every route of the API is in the matrix, and all others are pages that everybody may read', () => {
  const isPage = (route: string) => /^GET \/(?!api\/)/.test(route);
  expect(routes.filter((route) => !isPage(route)).sort()).toEqual(Object.keys(MATRIX).sort());
});

describe.each(Object.entries(MATRIX))('%s', (route, allowed) => {
  test.each(everybody)('by %s', async (role) => {
    const [method = '', path = ''] = route.split(' ');
    const token = tokens.get(role);
    const isSocket = path.includes('/socket/');
    const said = (text: string) => (isSocket ? `tabgrad.2, ${text}` : `Bearer ${text}`);
    const init = {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token ? { [isSocket ? 'sec-websocket-protocol' : 'authorization']: said(token) } : {}),
      },
      ...(method === 'GET' ? {} : { body: '{}' }),
    };
    const { status } = await call(path.replaceAll(/:\w+/g, '0'), init);
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

describe('a sweep', () => {
  test.each([
    ['its own researcher', 200],
    ['another researcher', 403],
    ['an operator', 200],
  ] as const)('may be changed and rebuilt by %s: %d', async (who, status) => {
    const owner = await researcher();
    const id = await newSweep(`owned-${who.replaceAll(' ', '-')}`, {}, { token: owner });
    const others = { isOperator: who === 'an operator' };
    const token = who === 'its own researcher' ? owner : await researcher('Grace', others);
    const changed = await patch(`/api/sweeps/${id}`, { priority: 3 }, token);
    const rebuilt = await post(`/api/sweeps/${id}/rebuild`, {}, token);
    expect([changed.status, rebuilt.status]).toEqual([status, status]);
    const { sweep } = await get<SweepReply>(`/api/sweeps/${id}`);
    expect(sweep.priority).toBe(status === 200 ? 3 : 2);
  });
});

describe('a volunteer who asks with a nonce', () => {
  const join = async (body: object) => (await (await post('/api/volunteers', body)).json()) as VolunteerReply;
  const nonce = 'ab'.repeat(16);

  test('and asks again gets the same name, id and token, so that a lost reply does no harm', async () => {
    const first = await join({ name: 'Emmy', nonce });
    expect(await join({ name: 'Emmy', nonce })).toEqual(first);
    expect((await join({ name: 'Noether', nonce })).name).toBe('Emmy');
    expect(
      await env.DB.prepare('SELECT count(*) AS n FROM volunteers WHERE id = ?')
        .bind(first.volunteerId)
        .first('n'),
    ).toBe(1);
    expect((await post('/api/work/exchange', {}, first.token)).status).toBe(400);
  });

  test('is another one for every nonce, and nobody can compute whom without the secret', async () => {
    const ids = [await join({ nonce: 'cd'.repeat(16) }), await join({ nonce }), await join({})];
    expect(new Set(ids.map(({ volunteerId }) => volunteerId)).size).toBe(3);
    const elsewhere = await volunteerIdFor({ ...env, TOKEN_SECRET: 'guessed' }, nonce);
    expect(ids.map(({ volunteerId }) => volunteerId)).not.toContain(elsewhere);
  });
});

test('tokens are in no address, no reply but the first, and no line of the log', async () => {
  const lines: string[] = [];
  const note = (...words: unknown[]) => void lines.push(words.map(String).join(' '));
  const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation(note),
  );
  const volunteer = await Volunteer.join();
  const token = await researcher();
  const id = await newSweep('secrets', {}, { token });
  const replies = [
    await call(`/api/work/socket/${id}`, {
      headers: { upgrade: 'websocket', 'sec-websocket-protocol': `tabgrad.2, ${volunteer.token}` },
    }),
    await call(`/api/work/socket/${id}?token=${volunteer.token}`, { headers: { upgrade: 'websocket' } }),
    await post('/api/work/exchange', { version: 99 }, volunteer.token),
    await app.request(
      `/api/sweeps/${id}`,
      { method: 'PATCH', headers: { authorization: `Bearer ${token}` } },
      { ...env, DB: null as never },
    ),
  ];
  expect(replies.map(({ status }) => status)).toEqual([101, 401, 426, 500]);
  for (const reply of replies) {
    const seen = [...reply.headers].flat().join(' ') + (reply.status === 101 ? '' : await reply.text());
    expect(seen).not.toContain(volunteer.token);
    expect(seen).not.toContain(token);
  }
  replies[0]?.webSocket?.accept();
  replies[0]?.webSocket?.close();
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.join(' ')).not.toContain(volunteer.token.split('.')[2]);
  expect(lines.join(' ')).not.toContain(token);
  for (const spy of spies) spy.mockRestore();
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
  await impostor.say('hand-back', lease);
  expect(await (await owner.say('heartbeat', lease)).json()).toMatchObject({ leased: true });
  expect((await impostor.lease(id)).unit).not.toBe(lease.unit);
});
