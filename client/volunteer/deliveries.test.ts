import { expect, test, vi } from 'vitest';
import { base64, hex } from '../../shared/bytes.ts';
import { CHANNELS, type Curve, encodeCurve } from '../../shared/curve.ts';
import { LIMITS } from '../../shared/limits.ts';
import { sha256 } from '../../shared/sha256.ts';
import { evaluationSteps } from '../../shared/spec/evaluation-grid.ts';
import type { FinishedRun } from '../../shared/work.ts';
import { memoryKeeping } from '../../test/fake-keeping.ts';
import { FakeWorkServer, SWEEP } from '../../test/fake-work-server.ts';
import type { FromWorker } from '../engine/messages.ts';
import { ApiError } from '../http.ts';
import { Control } from './control.ts';
import { Deliveries } from './deliveries.ts';
import { isKept } from './keeping.ts';

const ask = { wantsUnit: true, holds: null, prefers: null, flopsPerSecond: 1, replicas: 1 };

function curveOf(steps: number[]): string {
  const values = new Float32Array(steps.length);
  const channels = Object.fromEntries(CHANNELS.map((channel) => [channel, values])) as Curve['channels'];
  return base64(encodeCurve({ steps, channels, divergedAt: null }));
}

const whole = (run: number): FinishedRun => ({
  ...{ sweepId: SWEEP, unit: Math.floor(run / 3), run, from: 0, to: 4, start: null, end: null },
  ...{ checkpoint: null, engine: 'fake', engineVersion: '1', elapsedMs: 1, weightsDigest: '0'.repeat(64) },
  curve: curveOf(evaluationSteps(4)),
});

const STATE = Uint8Array.of(1, 2, 3);
const part = (run: number): FinishedRun => ({
  ...whole(run),
  ...{ to: 2, curve: curveOf([0, 1, 2]), end: [1, 1, 1, 1], checkpoint: hex(sha256(STATE)) },
});

function visit(server = new FakeWorkServer(), keeping = memoryKeeping(), owner = 'me') {
  const reports: FromWorker[] = [];
  const judged: number[] = [];
  const deliveries = new Deliveries({
    ...{ server, keeping, owner, report: (message) => reports.push(message) },
    onVerdict: async ({ run }) => void judged.push(run),
  });
  const words = () => reports.flatMap((one) => (one.type === 'problem' ? [one.words] : []));
  const delivered = () => reports.flatMap((one) => (one.type === 'delivered' ? one.runs : []));
  return { server, keeping, deliveries, words, delivered, judged };
}

test('a result is kept before it is first sent, its state before it, and both until the verdict', async () => {
  const { server, keeping, deliveries, judged } = visit();
  await deliveries.add(part(0), STATE);
  server.before = (call) => {
    expect([keeping.segments.kept.size, deliveries.waiting, call]).toEqual([1, 1, expect.any(String)]);
    return null;
  };
  expect((await keeping.outbox.all()).map(({ value }) => isKept(value))).toEqual([true]);
  await deliveries.exchange(ask);
  expect(server.calls).toEqual(['put', 'exchange']);
  expect([keeping.segments.kept.size, (await keeping.outbox.all()).length, judged]).toEqual([0, 0, [0]]);
});

test('a state is safe before the result that names it', async () => {
  const { keeping, deliveries } = visit();
  const states: number[] = [];
  const { put } = keeping.outbox;
  keeping.outbox.put = (key, value) => {
    states.push(keeping.segments.kept.size);
    return put.call(keeping.outbox, key, value);
  };
  await deliveries.add(part(0), STATE);
  expect(states).toEqual([1]);
});

test('a state that is not taken any more, as its unit is finished, does not keep the result from its verdict', async () => {
  const { server, deliveries, delivered } = visit();
  await deliveries.add(part(0), STATE);
  server.states.set(hex(sha256(STATE)), STATE);
  server.before = (call) =>
    call === 'put' ? new ApiError('The unit is finished.', 404, 'no-such-lease') : null;
  await deliveries.exchange(ask);
  expect(server.calls).toEqual(['put', 'exchange']);
  expect(server.requests[0]?.results.map(({ run }) => run)).toEqual([0]);
  expect(delivered()).toHaveLength(1);
});

test('a state is stored for the unit that its run belongs to', async () => {
  const { server, deliveries } = visit();
  await deliveries.add(part(4), STATE);
  await deliveries.exchange(ask);
  expect(server.putFor).toEqual([{ sweepId: SWEEP, unit: 1 }]);
});

test('what one visit could not deliver, the next one does, before anything else', async () => {
  const first = visit();
  await first.deliveries.add(part(0), STATE);
  await first.deliveries.add(whole(1), null);
  const { server, deliveries } = visit(new FakeWorkServer(), first.keeping);
  await deliveries.open();
  expect([deliveries.holds(SWEEP, 0, 0), deliveries.holds(SWEEP, 0, 2)]).toEqual([true, false]);
  await deliveries.exchange(ask);
  expect([server.stepOf(0), server.stepOf(1), deliveries.waiting]).toEqual([2, 4, 0]);
});

test('a state of an earlier visit stays at hand once it is delivered: whoever goes on from it fetches nothing', async () => {
  const first = visit();
  await first.deliveries.add(part(0), STATE);
  const { deliveries, keeping } = visit(new FakeWorkServer(), first.keeping);
  await deliveries.open();
  await deliveries.exchange(ask);
  expect([keeping.segments.kept.size, await deliveries.state(hex(sha256(STATE)))]).toEqual([0, STATE]);
});

test('no exchange is larger than the server takes, however long the curves are', async () => {
  const { server, deliveries } = visit();
  const curve = 'A'.repeat(4 * Math.ceil(LIMITS.curveBytesMax / 3));
  for (let run = 0; run < 6; run++) await deliveries.add({ ...whole(run), curve }, null);
  await deliveries.exchange(ask);
  const sizes = server.requests.map((request) => JSON.stringify(request).length);
  expect(Math.max(...sizes)).toBeLessThan(LIMITS.exchangeBytesMax);
  expect(server.requests.map(({ results }) => results.length)).toEqual([2, 2, 2]);
  expect(deliveries.waiting).toBe(0);
});

test('a reply that is lost leads to the same request again, and the run counts once', async () => {
  const { server, deliveries, delivered } = visit();
  await deliveries.add(whole(0), null);
  let losses = 2;
  server.after = () => (losses-- > 0 ? new ApiError('lost') : null);
  for (let i = 0; i < 2; i++) await expect(deliveries.exchange(ask)).rejects.toThrow('lost');
  await deliveries.exchange(ask);
  expect(server.requests).toHaveLength(3);
  expect(server.segments.get(0)).toHaveLength(1);
  expect(delivered()).toMatchObject([{ run: 0, isPart: false, verdict: 'accepted' }]);
});

test.each([
  ['The server cannot be reached. Check the connection and try again.', 'The server cannot be reached.'],
  ['The server did not answer within a minute. Try again.', 'The server did not answer within a minute.'],
  ['The server is busy. Nothing was lost; try again in a moment.', 'The server is busy. Nothing was lost.'],
  ['The answer did not arrive whole.', 'The answer did not arrive whole.'],
])('whoever tries again by itself asks nobody to: %s', (words, told) => {
  const { deliveries, words: said } = visit();
  deliveries.delayMs(new ApiError(words));
  expect(said()).toEqual([`${told} Trying again in 1 s.`]);
});

test('a state that the server has lost is sent again', async () => {
  const { server, deliveries } = visit();
  await deliveries.add(part(0), STATE);
  server.before = (call) => {
    if (call === 'exchange' && server.requests.length === 0) server.states.clear();
    return null;
  };
  await deliveries.exchange(ask);
  expect(deliveries.waiting).toBe(1);
  await deliveries.exchange(ask);
  expect([server.stepOf(0), deliveries.waiting]).toEqual([2, 0]);
});

test('a result whose state neither side has any more is given up with a word', async () => {
  const { keeping } = visit();
  const before = visit(new FakeWorkServer(), keeping);
  await before.deliveries.add(part(0), STATE);
  keeping.segments.kept.clear();
  const { deliveries, delivered } = visit(new FakeWorkServer(), keeping);
  await deliveries.open();
  await deliveries.exchange(ask);
  expect(deliveries.waiting).toBe(0);
  expect(delivered()).toMatchObject([{ run: 0, isPart: true, verdict: 'refused' }]);
});

test('a server that never sees the state costs no finished work: it is kept for the next visit', async () => {
  const first = visit();
  await first.deliveries.add(part(0), STATE);
  await first.deliveries.add(whole(1), null);
  first.server.before = (call) => {
    if (call === 'exchange') first.server.states.clear();
    return null;
  };
  for (let i = 0; i < 3; i++) await first.deliveries.exchange(ask);
  expect([first.deliveries.waiting, first.server.calls.filter((call) => call === 'put')]).toEqual([
    0,
    ['put', 'put', 'put'],
  ]);
  expect(first.delivered()).toMatchObject([{ run: 1 }]);
  expect(first.words().at(-1)).toContain('Run 0 up to step 2 could not be delivered');
  const { server, deliveries } = visit(new FakeWorkServer(), first.keeping);
  await deliveries.open();
  await deliveries.exchange(ask);
  expect([server.stepOf(0), deliveries.waiting, first.keeping.segments.kept.size]).toEqual([2, 0, 0]);
});

test('a result whose state this device holds damaged is given up with a word', async () => {
  const { server, deliveries, delivered } = visit();
  await deliveries.add(part(0), Uint8Array.of(9, 9, 9));
  server.before = (call) =>
    call === 'put' ? new ApiError('These are not its bytes.', 400, 'bad-checkpoint') : null;
  await deliveries.exchange(ask);
  expect([deliveries.waiting, delivered()]).toMatchObject([0, [{ run: 0, verdict: 'refused' }]]);
});

test('a result that gets no verdict is kept, and sent with its state still stored', async () => {
  const { server, deliveries } = visit();
  await deliveries.add(part(0), STATE);
  const { exchange } = FakeWorkServer.prototype;
  server.exchange = async (request) => ({ ...(await exchange.call(server, { ...request, results: [] })) });
  for (let i = 0; i < 5; i++) await deliveries.exchange(ask);
  expect(deliveries.waiting).toBe(1);
  server.exchange = exchange;
  await deliveries.exchange(ask);
  expect([server.stepOf(0), server.calls.filter((call) => call === 'put')]).toEqual([2, ['put']]);
});

test('one result that the server cannot read does not keep the others from it', async () => {
  const { server, deliveries, delivered } = visit();
  for (let run = 0; run < 6; run++) await deliveries.add(whole(run), null);
  const { exchange } = FakeWorkServer.prototype;
  server.exchange = (request) =>
    request.results.some(({ run }) => run === 4)
      ? Promise.reject(new ApiError('cannot be read', 400, 'bad-request'))
      : exchange.call(server, request);
  while (deliveries.waiting > 0) await deliveries.exchange(ask);
  expect([...server.accepted.keys()].sort()).toEqual([0, 1, 2, 3, 5]);
  expect(delivered().filter(({ verdict }) => verdict === 'refused')).toMatchObject([
    { run: 4, message: 'cannot be read' },
  ]);
});

test('a request that is refused for itself costs no result', async () => {
  const { server, deliveries } = visit();
  for (let run = 0; run < 3; run++) await deliveries.add(whole(run), null);
  server.before = () => new ApiError('what a wish', 400, 'bad-request');
  await expect(deliveries.exchange(ask)).rejects.toThrow('what a wish');
  expect(deliveries.waiting).toBe(3);
});

test('a busy server has judged nothing', async () => {
  const { server, deliveries } = visit();
  server.busy = 1;
  await deliveries.add(whole(0), null);
  expect(await deliveries.exchange(ask)).toMatchObject({ busy: true });
  expect(deliveries.waiting).toBe(1);
});

test('what a forgotten volunteer made is dropped with a word', async () => {
  const { keeping, deliveries: theirs } = visit();
  await theirs.add(part(0), STATE);
  const { deliveries, words } = visit(new FakeWorkServer(), keeping, 'somebody else');
  await deliveries.open();
  expect([deliveries.waiting, keeping.segments.kept.size, (await keeping.outbox.all()).length]).toEqual([
    0, 0, 0,
  ]);
  expect(words()).toEqual([
    '1 finished result of a volunteer that this device has forgotten cannot be delivered any more; somebody else will train it again.',
  ]);
});

test('a state that storage refuses is delivered from memory, and whoever leaves is told the truth', async () => {
  const { server, keeping, deliveries, words } = visit();
  keeping.segments.isFull = true;
  await deliveries.add(part(0), STATE);
  server.before = () => new ApiError('gone');
  const control = new Control();
  control.stop();
  await deliveries.flush(control, 1);
  expect(words().at(-1)).toBe('1 finished result could not be delivered; somebody else will train it again.');
  server.before = () => null;
  await deliveries.exchange(ask);
  expect(server.stepOf(0)).toBe(2);
});

test('the wait after failures doubles up to a minute, never in step with others, and starts anew after a success', async () => {
  const { deliveries } = visit();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const waits = Array.from({ length: 9 }, () => deliveries.delayMs(new ApiError('gone')) / 750);
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  await deliveries.exchange(ask);
  vi.mocked(Math.random).mockReturnValue(0);
  expect(deliveries.delayMs(new ApiError('gone'))).toBe(500);
  vi.restoreAllMocks();
  expect(() => deliveries.delayMs(new ApiError('no', 401, 'unauthorized'))).toThrow('no');
});

test('more results than fit into an exchange take several, and only the last asks for a unit', async () => {
  const { server, deliveries } = visit(new FakeWorkServer({ runs: 200 }));
  for (let run = 0; run < 2 * LIMITS.resultsPerExchangeMax + 1; run++) await deliveries.add(whole(run), null);
  await deliveries.exchange(ask);
  expect(server.requests.map(({ results, wantsUnit }) => [results.length, wantsUnit])).toEqual([
    [LIMITS.resultsPerExchangeMax, false],
    [LIMITS.resultsPerExchangeMax, false],
    [1, true],
  ]);
  expect(deliveries.waiting).toBe(0);
});

test('a full exchange of the largest results fits into a request', () => {
  const numbers = Array(4).fill(Math.fround(Math.PI * 1e-3));
  const run: FinishedRun = {
    ...{ sweepId: `${'x'.repeat(40)}-00000000`, unit: 1e6, run: LIMITS.runsMax, elapsedMs: Math.PI * 1e6 },
    ...{ engine: 'e'.repeat(40), engineVersion: 'v'.repeat(40), weightsDigest: '0'.repeat(64) },
    ...{ from: 1e6, to: 1e6, start: numbers, end: numbers, checkpoint: '0'.repeat(64) },
    curve: curveOf(evaluationSteps(LIMITS.stepsMax)),
  };
  const body = JSON.stringify({ results: Array(LIMITS.resultsPerExchangeMax).fill(run) });
  expect(body.length).toBeLessThan(0.95 * LIMITS.exchangeBytesMax);
  expect(LIMITS.resultsPerExchangeMax).toBeGreaterThanOrEqual(LIMITS.runsPerUnitMax);
});
