import { uniqueSymbol } from 'hono-openapi';
import type * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';
import app from '../../worker/index.ts';
import { call, get, newSweep, post, researcher, resultOf, tinySpec, Volunteer } from './world.ts';

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

const served = app.routes.filter(({ method }) => method !== 'ALL');
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
  expect(statuses.includes('200') || statuses.includes('201')).toBe(true);
  expect(Boolean(requestBody)).toBe(route.startsWith('POST'));
  expect(Boolean(security)).toBe(statuses.includes('401'));
  for (const { content } of Object.values(responses))
    expect(content['application/json']?.schema).not.toEqual({});
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
  ]);
  expect(kinds('model')).toEqual([
    { kind: ['embedding-mlp'], required: ['embedding', 'hidden'], more },
    { kind: ['mlp'], required: ['kind', 'hidden'], more },
    { kind: ['transformer'], required: ['kind', 'embedding', 'mlp'], more },
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
  beforeAll(async () => {
    id = await newSweep('document', { description: 'Words.' });
    volunteer = await Volunteer.join('Hedy');
  });

  const requests: [string, () => Promise<Response>][] = [
    [
      'POST /api/work/exchange',
      async () => {
        const lease = await volunteer.lease(id);
        const results = [resultOf(lease, 0), resultOf(lease, 7)];
        return post(
          '/api/work/exchange',
          volunteer.request({ results, wantsUnit: true, prefers: id }),
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
    [
      'POST /api/work/hand-back',
      () => volunteer.say('hand-back', { sweepId: id, unit: 1 }, { fault: false, reason: 'x' }),
    ],
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
    ['GET /api/sweeps', () => call('/api/sweeps')],
    ['GET /api/home', () => call('/api/home')],
    ['GET /api/boards', () => call('/api/boards')],
    ['GET /api/health', () => call('/api/health')],
    ['GET /api/openapi.json', () => call('/api/openapi.json')],
  ];
  test.each(requests)('%s (%#)', async (route, request) => {
    await conforms(route, await request());
    checked.add(route);
  });

  test('and every route was asked', () => expect([...checked].sort()).toEqual(routes.sort()));
});
