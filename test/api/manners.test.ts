import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hex } from '../../shared/bytes.ts';
import { VERSION } from '../../shared/protocol.ts';
import app from '../../worker/index.ts';
import { call, env, newSweep, post, preferring, researcher, resultOf, tinySpec, Volunteer } from './world.ts';

describe('a message of another version', () => {
  test.each([-1, 0, VERSION + 1, 1e9])('(%d) is answered 426', async (version) => {
    const { token } = await Volunteer.join();
    for (const path of ['exchange', 'heartbeat', 'hand-back']) {
      const reply = await post(`/api/work/${path}`, { version, whatever: 'it says' }, token);
      expect([reply.status, await reply.json()]).toMatchObject([426, { error: { code: 'version' } }]);
    }
  });

  test('does not stand for one without a version', async () => {
    const { token } = await Volunteer.join();
    expect((await post('/api/work/exchange', { deviceId: 'x' }, token)).status).toBe(400);
  });
});

describe('when something throws', () => {
  let errors: ReturnType<typeof vi.spyOn>;
  beforeEach(() => {
    errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  });
  afterEach(() => errors.mockRestore());

  const broken = new Proxy(
    {},
    {
      get: () => {
        throw new Error('SECRET in worker/store/sweeps.ts:12');
      },
    },
  );
  const inTrouble = { ...env, DB: broken, DISPATCHER: broken, BLOBS: broken } as unknown as typeof env;

  test.each([
    ['GET', '/api/home'],
    ['GET', '/api/boards'],
    ['GET', '/api/sweeps'],
    ['GET', '/api/sweeps/a-00000000'],
    ['GET', '/api/sweeps/a-00000000/runs/0'],
    ['POST', '/api/sweeps'],
    ['POST', '/api/volunteers'],
    ['POST', '/api/work/heartbeat'],
    ['POST', '/api/work/hand-back'],
    ['POST', '/api/work/exchange'],
  ])('in %s %s the client learns nothing but a code', async (method, path) => {
    const { token, deviceId } = await Volunteer.join();
    const isWork = path.startsWith('/api/work');
    const bearer = isWork ? token : `tg_${hex(crypto.getRandomValues(new Uint8Array(16)))}`;
    const unit = { version: VERSION, deviceId, sweepId: 'a-00000000', unit: 0 };
    const bodies: Record<string, object> = {
      '/api/work/exchange': new Volunteer('', '', deviceId).request({
        wantsUnit: true,
        prefers: preferring('a-00000000'),
        results: [resultOf({ sweepId: 'a-00000000', unit: 0 }, 0)],
      }),
      '/api/work/heartbeat': { ...unit, progress: 0, runs: [] },
      '/api/work/hand-back': { ...unit, why: 'left', run: null, reason: 'x' },
    };
    const init = {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(method === 'POST' ? { body: JSON.stringify(bodies[path] ?? {}) } : {}),
    };
    const reply = await app.request(path, init, inTrouble);
    const text = await reply.text();
    expect([reply.status, JSON.parse(text)]).toEqual([
      500,
      { error: { code: 'internal', message: expect.any(String) } },
    ]);
    expect(text).not.toMatch(/SECRET|worker|\.ts|\bat\b/);
    expect(errors).toHaveBeenCalled();
  });

  test('an overloaded dispatcher is asked once and the client is told to come back', async () => {
    let calls = 0;
    const overloaded = async () => {
      calls++;
      throw Object.assign(new Error('Durable Object is overloaded'), { overloaded: true, retryable: true });
    };
    const namespace = { idFromName: () => null, get: () => ({ page: overloaded }) };
    const id = await newSweep('overloaded');
    const reply = await app.request(`/api/sweeps/${id}`, {}, { ...env, DISPATCHER: namespace as never });
    expect([reply.status, reply.headers.get('retry-after'), calls]).toEqual([503, '2', 1]);
  });

  test('a dispatcher that was restarted in the middle is asked again', async () => {
    let calls = 0;
    const restarted = async () => {
      if (calls++ === 0) throw Object.assign(new Error('reset'), { durableObjectReset: true });
      return true;
    };
    const namespace = { idFromName: () => null, get: () => ({ heartbeat: restarted }) };
    const { token, deviceId } = await Volunteer.join();
    const sweepId = await newSweep('restarted');
    const unit = { sweepId, unit: 0, progress: 0, runs: [] };
    const body = JSON.stringify({ version: VERSION, deviceId, ...unit });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const reply = await app.request(
      '/api/work/heartbeat',
      { method: 'POST', headers, body },
      { ...env, DISPATCHER: namespace as never },
    );
    expect([reply.status, calls]).toEqual([200, 2]);
  });
});

describe('what a reply carries', () => {
  test('every site may read, and none may write', async () => {
    const origin = 'https://elsewhere.example';
    const read = await call('/api/sweeps', { headers: { origin } });
    expect(read.headers.get('access-control-allow-origin')).toBe('*');
    expect(read.headers.get('access-control-allow-credentials')).toBeNull();
    const written = await post('/api/sweeps', tinySpec('cors'), await researcher());
    expect(written.status).toBe(201);
    expect(written.headers.get('access-control-allow-origin')).toBeNull();
    const asked = await call('/api/sweeps', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(asked.status).toBe(404);
    expect(asked.headers.get('access-control-allow-methods')).toBeNull();
  });

  test.each(['/api/health', '/api/nothing', '/api/sweeps/none'])(
    '%s is sent with cautious headers',
    async (path) => {
      const { headers } = await call(path);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cache-control')).toBe('no-store');
    },
  );

  test.each(['/api/nothing', '/api', '/api/sweeps/', '/api/work/exchange'])(
    'GET %s is an error like all others',
    async (path) => {
      const reply = await call(path);
      expect([reply.status, await reply.json()]).toEqual([
        404,
        { error: { code: 'not-found', message: expect.any(String) } },
      ]);
    },
  );
});

test('a body that is no JSON, or is not called JSON, is refused with words', async () => {
  const { token } = await Volunteer.join();
  expect(await (await post('/api/work/exchange', '{', token)).json()).toMatchObject({
    error: { code: 'bad-request' },
  });
  const plain = await call('/api/volunteers', {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: '{}',
  });
  expect([plain.status, (await plain.text()).includes('application/json')]).toEqual([400, true]);
});

test.each(['\u202egnihsif', 'a\u0000b', '', 'x'.repeat(41)])(
  'a volunteer cannot be called %j',
  async (name) => {
    expect((await post('/api/volunteers', { name })).status).toBe(400);
  },
);
