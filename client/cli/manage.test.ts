import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { SweepSummary } from '../../shared/protocol.ts';
import { readSweep } from '../../shared/spec/sweep.ts';
import { sweepFlops } from '../../shared/spec/sweep-cost.ts';
import { changeSweep, extendSweep, rebuildSweeps, sweepIn } from './manage.ts';
import { printStatus } from './status.ts';

const ID = 'grid-0123abcd';
type Answer = { status?: number; body: unknown };
const answers = new Map<string, Answer>();
const asked: { what: string; token: string | undefined; body: unknown }[] = [];
let printed: string[] = [];

async function read(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : null;
}

const server = createServer(async (request, response) => {
  const what = `${request.method} ${request.url}`;
  asked.push({ what, token: request.headers.authorization, body: await read(request) });
  const { status = 200, body } = answers.get(what) ?? { status: 404, body: {} };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
let url = '';
const here = () => ({ url, token: 'tg_x' });

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  answers.clear();
  asked.length = 0;
  printed = [];
  vi.spyOn(console, 'log').mockImplementation((words: string) => void printed.push(words));
});

const summary = (change: Partial<SweepSummary>) =>
  ({ id: ID, runs: 32, cells: 4, finishedRuns: 5, mode: 'running', priority: 1, ...change }) as SweepSummary;

test('a sweep is named by its id, or by the address of its page, which says where its server is', () => {
  const there = { id: ID, url: 'https://example.org:81' };
  expect(sweepIn(ID)).toEqual({ id: ID, url: null });
  expect(sweepIn(`https://example.org:81/sweeps/${ID}`)).toEqual(there);
  expect(sweepIn(`https://example.org:81/sweeps/${ID}/runs/3`)).toEqual(there);
  expect(() => sweepIn('https://example.org/sweeps')).toThrow('is not the id of a sweep');
});

test('what more runs cost is said before they are added, and very many are added only by who is sure', async () => {
  const spec = {
    ...{ name: 'grid', title: 'A grid', task: { p: 5, trainFraction: 0.6 }, optimizer: { lr: 0.01 } },
    ...{ model: { embedding: 4, hidden: 4 }, train: { steps: 10 }, parameters: { seed: { min: 0, max: 3 } } },
  };
  const read = readSweep(spec);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const sweep = { ...summary({ runs: 4, flops: sweepFlops(read.value) }), spec: read.value.spec };
  answers.set(`GET /api/sweeps/${ID}?count=1&curves=false`, { body: { sweep } });
  answers.set(`PATCH /api/sweeps/${ID}`, { body: summary({ runs: 8 }) });
  const sent = () => asked.flatMap(({ what, body }) => (what.startsWith('PATCH') ? [body] : []));
  await extendSweep(ID, { seeds: 8 }, { ...here(), isSure: false });
  expect(printed[0]).toMatch(/from 4 to 8 runs, \S+ \SFLOP to \S+ \SFLOP$/);
  const many = { seeds: 41 };
  await expect(extendSweep(ID, many, { ...here(), isSure: false })).rejects.toThrow(
    /from 4 to 41 runs, .* more than tenfold: repeat it with --yes/,
  );
  expect(sent()).toEqual([{ seeds: 8 }]);
  await extendSweep(ID, many, { ...here(), isSure: true });
  expect(sent()).toEqual([{ seeds: 8 }, many]);
});

test('a change is sent with the token, and how the sweep stands now is printed', async () => {
  answers.set(`PATCH /api/sweeps/${ID}`, { body: summary({ mode: 'paused', priority: 2 }) });
  await changeSweep(ID, { mode: 'paused' }, here());
  expect(asked).toEqual([
    { what: `PATCH /api/sweeps/${ID}`, token: 'Bearer tg_x', body: { mode: 'paused' } },
  ]);
  expect(printed.join('\n')).toContain(`${ID}: paused; what devices have in hand they may finish`);
  expect(printed.join('\n')).toContain('priority 2; 5 of 32 runs finished');
});

test('a refused change names the field, the value and what would be right', async () => {
  const problems = [{ field: 'seeds', value: '4', expected: '8 or more' }];
  const error = { code: 'bad-request', message: 'The change does not fit.', problems };
  answers.set(`PATCH /api/sweeps/${ID}`, { status: 400, body: { error } });
  await expect(changeSweep(ID, { seeds: 4 }, here())).rejects.toThrow(
    'The server refused to change the sweep: The change does not fit.\n  seeds: 4 is not allowed; use 8 or more',
  );
});

test('all listed sweeps are rebuilt one after the other, those of others passed over', async () => {
  const ids = [ID, 'hers-0123abcd', 'two-0123abcd'];
  answers.set('GET /api/sweeps', { body: { sweeps: ids.map((id) => summary({ id })) } });
  answers.set(`POST /api/sweeps/${ID}/rebuild`, { body: summary({ failedRuns: 1 }) });
  answers.set('POST /api/sweeps/two-0123abcd/rebuild', { body: summary({}) });
  const error = { code: 'forbidden', message: 'This sweep is somebody else’s.' };
  answers.set('POST /api/sweeps/hers-0123abcd/rebuild', { status: 403, body: { error } });
  await rebuildSweeps(null, here());
  expect(printed).toEqual([
    `${ID}: rebuilt: 5 of 32 runs finished, 1 failed`,
    'hers-0123abcd: left as it is: it belongs to somebody else',
    'two-0123abcd: rebuilt: 5 of 32 runs finished',
  ]);
  await expect(rebuildSweeps('hers-0123abcd', here())).rejects.toThrow(
    'The server refused to rebuild hers-0123abcd: This sweep is somebody else’s.',
  );
});

const status = (audits: { problems: string[] }[]) => ({
  ...{ version: '0.1.0', sweeps: 3, openSweeps: 1, finishedRuns: 12_500, failedRuns: 0, devicesNow: 2 },
  audits: audits.map((audit) => ({
    ...audit,
    ...{ atMs: 0, tookMs: 1500, checked: { sweeps: 3, runs: 12_500, curves: 40 } },
  })),
});

const HOUR = 3_600_000;

test('the status of a server that keeps its promises is good, before the first check too', async () => {
  answers.set('GET /api/status', { body: status([]) });
  expect(await printStatus(url, HOUR)).toBe(true);
  expect(printed[0]).toContain('not checked yet');
  answers.set('GET /api/status', { body: status([{ problems: [] }]) });
  expect(await printStatus(url, 120_000)).toBe(true);
  expect(printed[1]).toMatch(/last check +2 minutes ago, took 1\.5 s\n/);
  expect(printed[1]).toMatch(/looked at +3 sweeps, 12,500 runs, 40 curves\npromises +kept$/);
  expect(await printStatus(url, 3 * HOUR)).toBe(true);
  expect(printed[2]).toContain('took 1.5 s; the next one is overdue');
});

test('a problem is printed, and the status is bad', async () => {
  const problems = ['P1: the result of run 7 is lost'];
  answers.set('GET /api/status', { body: status([{ problems: [] }, { problems }]) });
  expect(await printStatus(url, 60_000)).toBe(false);
  expect(printed[0]).toMatch(/PROBLEMS.*\n {2}P1: the result of run 7 is lost, 1 minute ago$/);
});
