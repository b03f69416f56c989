import { uniqueSymbol } from 'hono-openapi';
import type * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';
import type { MeReply, MoveReply } from '../../shared/volunteers.ts';
import type { Lease } from '../../shared/work.ts';
import { sha256 } from '../../worker/digest.ts';
import app from '../../worker/index.ts';
import { putPart } from '../../worker/store/parts.ts';
import {
  call,
  env,
  get,
  newSweep,
  own,
  patch,
  post,
  preferring,
  researcher,
  resultOf,
  tinySpec,
  Volunteer,
} from './world.ts';

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { securitySchemes: object; schemas: Record<string, object> };
}
interface Operation {
  summary: string;
  security?: object[];
  requestBody?: object;
  responses: Record<string, { content: Record<string, { schema: object }> }>;
}

interface Schema {
  oneOf?: Schema[];
  anyOf?: Schema[];
  properties?: Record<string, { enum?: string[] }>;
  required?: string[];
  additionalProperties?: boolean;
}

const served = app.routes.filter(({ path }) => path.startsWith('/api/'));
const takesNothing = ['GET', 'DELETE', 'POST /api/sweeps/:id/rebuild', 'POST /api/me/moves'];
const routes = [...new Set(served.map(({ method, path }) => `${method} ${path}`))];
const documented = (path: string) => path.replaceAll(/:(\w+)/g, '{$1}');
let document: Document;

beforeAll(async () => {
  document = await get<Document>('/api/openapi.json');
});

const operation = (route: string): Operation | undefined => {
  const [method = '', path = ''] = route.split(' ');
  return document.paths[documented(path)]?.[method.toLowerCase()];
};

test('the document holds every route and nothing else', () => {
  const inDocument = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(document.openapi).toMatch(/^3\.1/);
  expect(inDocument.sort()).toEqual(routes.map(documented).sort());
});

test.each(routes)('%s says what it does, takes and gives', (route) => {
  const { summary, responses, requestBody, security } = operation(route) as Operation;
  expect(summary.length).toBeGreaterThan(5);
  const statuses = Object.keys(responses);
  expect(statuses).toEqual(expect.arrayContaining(['500', '503']));
  expect(statuses.some((status) => ['101', '200', '201'].includes(status))).toBe(true);
  expect(Boolean(requestBody)).toBe(!takesNothing.some((start) => route.startsWith(start)));
  expect(Boolean(security)).toBe(statuses.includes('401'));
  for (const [status, { content }] of Object.entries(responses)) {
    if (status === '101') continue;
    const [schema] = Object.values(content);
    expect(schema?.schema).toBeDefined();
    expect(schema?.schema).not.toEqual({});
  }
});

test('the request of an exchange is spelt out', () => {
  const text = JSON.stringify(operation('POST /api/work/exchange')?.requestBody);
  for (const name of ['wantsUnit', 'weightsDigest', 'maxItems', '"additionalProperties":false'])
    expect(text).toContain(name);
});

test('the spec is spelt out, with every kind of task, network, optimiser and loss', () => {
  const { content } = (operation('POST /api/sweeps') as Operation).requestBody as {
    content: { 'application/json': { schema: { properties: Record<string, Schema> } } };
  };
  const sections = content['application/json'].schema.properties;
  const kinds = (section: string) =>
    [sections[section] ?? {}]
      .flatMap(({ oneOf, anyOf, ...own }) => oneOf ?? anyOf ?? [own])
      .map((schema) => ({
        kind: schema.properties?.kind?.enum,
        required: schema.required,
        more: schema.additionalProperties,
      }));
  const more = false;
  expect(kinds('task')).toEqual([
    { kind: ['modular'], required: ['p', 'trainFraction'], more },
    { kind: ['parity'], required: ['kind', 'bits', 'relevant', 'trainRows', 'testRows'], more },
    { kind: ['permutation'], required: ['kind', 'n', 'trainFraction'], more },
    { kind: ['polynomial'], required: ['kind', 'features', 'trainRows', 'testRows'], more },
    { kind: ['teacher'], required: ['kind', 'features', 'teacherHidden', 'trainRows', 'testRows'], more },
    { kind: ['images'], required: ['kind', 'images', 'labels', 'trainRows', 'testRows'], more },
    {
      kind: ['sequences'],
      required: ['kind', 'table', 'vocabulary', 'length', 'trainRows', 'testRows'],
      more,
    },
  ]);
  expect(kinds('model')).toEqual([
    { kind: ['embedding-mlp'], required: ['embedding', 'hidden'], more },
    { kind: ['mlp'], required: ['kind', 'hidden'], more },
    { kind: ['transformer'], required: ['kind', 'embedding', 'mlp'], more },
    { kind: ['committee'], required: ['kind', 'hidden'], more },
    { kind: ['lstm'], required: ['kind', 'embedding', 'hidden'], more },
  ]);
  expect(kinds('optimizer')).toEqual([
    { kind: ['adamw'], required: ['lr'], more },
    { kind: ['adam'], required: ['kind', 'lr'], more },
    { kind: ['sgd'], required: ['kind', 'lr'], more },
  ]);
  expect(kinds('loss')).toEqual([{ kind: ['cross-entropy', 'squared-error'], required: [], more }]);
});

/** The schema a route declares for a status, as the very object that made the document. */
function declared(route: string, status: number): v.GenericSchema {
  for (const { method, path, handler } of served) {
    if (`${method} ${path}` !== route) continue;
    const described = (handler as { [uniqueSymbol]?: { spec?: Described } })[uniqueSymbol]?.spec;
    const schema = described?.responses[status]?.content['application/json'].schema;
    if (schema) return schema as unknown as v.GenericSchema;
  }
  throw new Error(`${route} declares no ${status}`);
}
type Described = { responses: Record<number, { content: { 'application/json': { schema: Validated } } }> };
type Validated = { validate: (value: unknown) => { value?: unknown; issues?: unknown } };

async function conforms(route: string, response: Response): Promise<void> {
  const type = response.headers.get('content-type');
  if (type !== 'application/json') {
    const { content = {} } = operation(route)?.responses[response.status] ?? {};
    expect(Object.keys(content)).toEqual(type === null ? [] : [type]);
    response.webSocket?.accept();
    return response.webSocket ? response.webSocket.close() : void (await response.arrayBuffer());
  }
  const body: unknown = await response.json();
  const { value, issues } = (declared(route, response.status) as unknown as Validated).validate(body);
  expect(issues).toBeUndefined();
  // Schemas drop what they do not know: nothing undeclared may be in a reply.
  expect(value).toEqual(body);
}

describe('real replies are what the document says', () => {
  const checked = new Set<string>();
  let id: string;
  let volunteer: Volunteer;
  let token: string;
  let held: Lease;
  beforeAll(async () => {
    token = await researcher();
    id = await newSweep('document', { description: 'Words.' }, { token });
    volunteer = await Volunteer.join('Hedy');
    held = await volunteer.lease(await newSweep('document-of-states', {}, { token }));
    await volunteer.say('hand-back', held);
  });

  const state = async (method: string, text: string, named = text, where = 'states') =>
    call(
      `/api/work/${where}/${await sha256(named)}?version=2${method === 'PUT' ? `&sweepId=${held.sweepId}&unit=${held.unit}` : ''}`,
      {
        method,
        headers: { authorization: `Bearer ${volunteer.token}`, 'content-type': 'application/octet-stream' },
        ...(method === 'PUT' ? { body: new TextEncoder().encode(text) } : {}),
      },
    );
  const dataset = async (method: string, text: string, named = text) =>
    call(`/api/datasets/${await sha256(named)}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
      ...(method === 'PUT' ? { body: new TextEncoder().encode(text) } : {}),
    });
  const part = async (headers: Record<string, string>) => {
    const { key } = await putPart(env.BLOBS, id, 1, new Uint8Array(9));
    return call(`/api/sweeps/${id}/data/${key.split('/').at(-1)}`, { headers });
  };
  const socket = (sweepId: string) =>
    call(`/api/work/socket/${sweepId}`, {
      headers: { upgrade: 'websocket', 'sec-websocket-protocol': `tabgrad.2, ${volunteer.token}` },
    });

  const mine = async () => (await (await own('GET', '/api/me', volunteer.token)).json()) as MeReply;
  const invitation = async () => ({ invite: (await mine()).team?.invite });
  const codeOf = async ({ token: whose }: Volunteer) =>
    ((await (await own('POST', '/api/me/moves', whose)).json()) as MoveReply).code;

  const requests: [string, () => Promise<Response>][] = [
    [
      'POST /api/work/exchange',
      async () => {
        const lease = await volunteer.lease(id);
        const results = [resultOf(lease, 0), resultOf(lease, 7)];
        return post(
          '/api/work/exchange',
          volunteer.request({ results, wantsUnit: true, prefers: preferring(id) }),
          volunteer.token,
        );
      },
    ],
    ['POST /api/work/exchange', () => post('/api/work/exchange', volunteer.request({}), volunteer.token)],
    ['POST /api/work/exchange', () => post('/api/work/exchange', {}, volunteer.token)],
    ['POST /api/work/exchange', () => post('/api/work/exchange', {})],
    ['POST /api/work/exchange', () => post('/api/work/exchange', { version: 99 }, volunteer.token)],
    ['POST /api/work/heartbeat', () => volunteer.say('heartbeat', { sweepId: id, unit: 1 })],
    ['POST /api/work/heartbeat', () => volunteer.say('heartbeat', { sweepId: 'none-00000000', unit: 1 })],
    ['POST /api/work/hand-back', () => volunteer.say('hand-back', { sweepId: id, unit: 1 })],
    ['POST /api/volunteers', () => post('/api/volunteers', { name: 'Emmy' })],
    ['POST /api/volunteers', () => post('/api/volunteers', {})],
    ['POST /api/volunteers', () => post('/api/volunteers', '{')],
    ['POST /api/sweeps', async () => post('/api/sweeps', tinySpec('document-2'), await researcher())],
    ['POST /api/sweeps', async () => post('/api/sweeps', tinySpec('document-2'), await researcher())],
    ['POST /api/sweeps', async () => post('/api/sweeps', {}, await researcher())],
    ['POST /api/sweeps', async () => post('/api/sweeps', ' '.repeat(70_000), await researcher())],
    ['GET /api/sweeps/:id', () => call(`/api/sweeps/${id}`)],
    ['GET /api/sweeps/:id', () => call('/api/sweeps/none')],
    ['GET /api/sweeps/:id', () => call(`/api/sweeps/${id}?from=x`)],
    ['GET /api/sweeps/:id/runs/:index', () => call(`/api/sweeps/${id}/runs/0`)],
    ['GET /api/sweeps/:id/runs/:index', () => call(`/api/sweeps/${id}/runs/7`)],
    ['GET /api/sweeps/:id/runs/:index', () => call(`/api/sweeps/${id}/runs/8`)],
    ['GET /api/sweeps/:id/data', () => call(`/api/sweeps/${id}/data`)],
    ['GET /api/sweeps/:id/data', () => call('/api/sweeps/none-00000000/data')],
    ['GET /api/sweeps/:id/data/:part', () => part({})],
    ['GET /api/sweeps/:id/data/:part', () => part({ range: 'bytes=0-1' })],
    ['GET /api/sweeps/:id/data/:part', () => call(`/api/sweeps/${id}/data/none`)],
    ['GET /api/sweeps', () => call('/api/sweeps')],
    ['GET /api/home', () => call('/api/home')],
    ['GET /api/boards', () => call('/api/boards')],
    ['GET /api/health', () => call('/api/health')],
    ['GET /api/status', () => call('/api/status')],
    ['PUT /api/work/states/:digest', () => state('PUT', 'a')],
    ['PUT /api/work/states/:digest', () => state('PUT', 'a', 'b')],
    ['GET /api/work/states/:digest', () => state('GET', 'a')],
    ['GET /api/work/states/:digest', () => state('GET', 'b')],
    ['PUT /api/work/snapshots/:digest', () => state('PUT', 'a', 'a', 'snapshots')],
    ['PUT /api/work/snapshots/:digest', () => state('PUT', 'a', 'b', 'snapshots')],
    ['GET /api/work/snapshots/:digest', () => state('GET', 'a', 'a', 'snapshots')],
    ['GET /api/work/snapshots/:digest', () => state('GET', 'b', 'b', 'snapshots')],
    ['PUT /api/datasets/:digest', () => dataset('PUT', 'a')],
    ['PUT /api/datasets/:digest', () => dataset('PUT', 'a', 'b')],
    ['GET /api/datasets/:digest', () => dataset('GET', 'a')],
    ['GET /api/datasets/:digest', () => dataset('GET', 'b')],
    ['GET /api/work/socket/:sweepId', () => socket(id)],
    ['GET /api/work/socket/:sweepId', () => socket('none-00000000')],
    ['PATCH /api/sweeps/:id', () => patch(`/api/sweeps/${id}`, { priority: 1, seeds: 5 }, token)],
    ['PATCH /api/sweeps/:id', () => patch(`/api/sweeps/${id}`, { seeds: 1 }, token)],
    ['PATCH /api/sweeps/:id', () => patch(`/api/sweeps/${id}`, { mode: 'asleep' }, token)],
    ['PATCH /api/sweeps/:id', async () => patch(`/api/sweeps/${id}`, {}, await researcher())],
    ['POST /api/sweeps/:id/rebuild', () => post(`/api/sweeps/${id}/rebuild`, {}, token)],
    ['GET /api/contributors', () => call('/api/contributors')],
    ['POST /api/teams', () => post('/api/teams', { name: 'The Bits' }, volunteer.token)],
    ['POST /api/teams', () => post('/api/teams', {}, volunteer.token)],
    ['GET /api/teams/:id', async () => call(`/api/teams/${(await mine()).team?.id}`)],
    ['GET /api/teams/:id', () => call('/api/teams/none')],
    ['POST /api/me/team', async () => post('/api/me/team', await invitation(), volunteer.token)],
    ['POST /api/me/team', () => post('/api/me/team', { invite: '0'.repeat(32) }, volunteer.token)],
    ['GET /api/me', () => own('GET', '/api/me', volunteer.token)],
    ['PATCH /api/me', () => patch('/api/me', { name: 'Hedy', isListed: true }, volunteer.token)],
    ['PATCH /api/me', () => patch('/api/me', { name: '' }, volunteer.token)],
    ['GET /api/me/runs/:sweepId', () => own('GET', `/api/me/runs/${id}`, volunteer.token)],
    ['GET /api/me/runs/:sweepId', () => own('GET', '/api/me/runs/none', volunteer.token)],
    ['GET /api/me/runs/:sweepId', () => own('GET', `/api/me/runs/${id}?from=x`, volunteer.token)],
    ['POST /api/me/moves', () => own('POST', '/api/me/moves', volunteer.token)],
    ['POST /api/moves', async () => post('/api/moves', { code: await codeOf(volunteer) })],
    ['POST /api/moves', () => post('/api/moves', { code: '0'.repeat(32) })],
    ['GET /api/me/export', () => own('GET', '/api/me/export', volunteer.token)],
    ['DELETE /api/me/team', () => own('DELETE', '/api/me/team', volunteer.token)],
    ['DELETE /api/me', async () => own('DELETE', '/api/me', (await Volunteer.join()).token)],
    ['DELETE /api/me', () => call('/api/me', { method: 'DELETE' })],
    ['GET /api/openapi.json', () => call('/api/openapi.json')],
  ];
  test.each(requests)('%s (%#)', async (route, request) => {
    await conforms(route, await request());
    checked.add(route);
  });

  test('and every route was asked', () => expect([...checked].sort()).toEqual(routes.sort()));
});
