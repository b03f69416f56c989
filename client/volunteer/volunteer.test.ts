import { expect, test, vi } from 'vitest';
import { base64 } from '../../shared/bytes.ts';
import { CHANNELS, type Curve, decodeCurve, encodeCurve } from '../../shared/curve.ts';
import { LIMITS } from '../../shared/limits.ts';
import type { ExchangeReply, ExchangeRequest, FinishedRun, HeldUnit, Lease } from '../../shared/protocol.ts';
import { evaluationSteps } from '../../shared/spec/evaluation-grid.ts';
import { type FakeOptions, fakeEngine } from '../../test/fake-engine.ts';
import type { FromWorker } from '../engine/messages.ts';
import { ApiError } from '../http.ts';
import { Control } from './control.ts';
import { Deliveries } from './deliveries.ts';
import { Stamina } from './pace.ts';
import type { HandBack, WorkServer } from './server.ts';
import { type VolunteerOptions, volunteer } from './volunteer.ts';

const spec = {
  name: 'test',
  title: 'A test',
  task: { p: 7, trainFraction: 0.5 },
  model: { embedding: 2, hidden: 2 },
  optimizer: { lr: 0.1 },
  train: { steps: 4 },
  parameters: { seed: { min: 0, max: 5 } },
};

/** A server in memory: two units of three runs; `failures` requests get lost after they were carried out. */
class FakeServer implements WorkServer {
  accepted = new Map<number, FinishedRun>();
  requests: Omit<ExchangeRequest, 'version' | 'deviceId'>[] = [];
  handedBack: (HeldUnit & HandBack)[] = [];
  failures = 0;
  beats = 0;
  refusal: ApiError | null = null;

  async exchange(request: Omit<ExchangeRequest, 'version' | 'deviceId'>): Promise<ExchangeReply> {
    if (this.refusal) throw this.refusal;
    this.requests.push(request);
    const verdicts = request.results.map((result) => {
      this.accepted.set(result.run, result);
      return {
        sweepId: result.sweepId,
        run: result.run,
        verdict: 'accepted' as const,
        code: null,
        message: null,
      };
    });
    if (this.failures-- > 0) throw new ApiError('the reply was lost');
    const missing = [0, 1, 2, 3, 4, 5].filter((run) => !this.accepted.has(run));
    const unit = missing.length > 3 ? 0 : 1;
    const runs = missing.filter((run) => Math.floor(run / 3) === unit);
    const lease = {
      sweepId: 'test-00000000',
      unit,
      runs,
      leaseMs: 1000,
      heartbeatMs: 20,
      spec,
      sweepRuns: 6,
    } as unknown as Lease;
    return {
      version: 1,
      verdicts,
      lease: request.wantsUnit && runs.length > 0 ? lease : null,
      askAgainMs: 10,
      allDone: missing.length === 0,
    };
  }
  async heartbeat(): Promise<boolean> {
    this.beats++;
    return true;
  }
  async handBack(held: HeldUnit, why: HandBack): Promise<void> {
    this.handedBack.push({ ...held, ...why });
  }
}

/** What a volunteer needs besides its server: an engine that trains so many runs at once. */
const rest = (options: FakeOptions & { replicas?: number } = {}) => {
  const engine = fakeEngine(options);
  return {
    chosen: () => ({ engine, replicas: options.replicas ?? 1 }),
    ...{
      stamina: new Stamina(),
      flopsPerSecond: 1e9,
      prefers: null,
      untilDone: true,
      control: new Control(),
    },
    report: (() => {}) as VolunteerOptions['report'],
  };
};

async function work(server: FakeServer, options: Parameters<typeof rest>[0] = {}, control = new Control()) {
  const reports: FromWorker[] = [];
  const report = (message: FromWorker) => reports.push(message);
  const deliveries = new Deliveries(server, report);
  await volunteer({ ...rest(options), server, deliveries, control, report });
  return reports;
}

const verdicts = (reports: FromWorker[]) =>
  reports.flatMap((r) => (r.type === 'delivered' ? r.runs : [])).map(({ verdict }) => verdict);

const curveOf = ({ curve }: FinishedRun) =>
  decodeCurve(
    Uint8Array.from(atob(curve), (c) => c.charCodeAt(0)),
    4,
  );

test('a volunteer drains a sweep and delivers every run with its curve', async () => {
  const server = new FakeServer();
  const reports = await work(server);
  expect([...server.accepted.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  const run = server.accepted.get(4) as FinishedRun;
  expect(curveOf(run)).toMatchObject({ ok: true, curve: { steps: [0, 1, 2, 3, 4], divergedAt: null } });
  expect(run.engine).toBe('fake');
  expect(run.weightsDigest).toMatch(/^[0-9a-f]{64}$/);
  expect(verdicts(reports)).toEqual(Array(6).fill('accepted'));
  expect(server.handedBack).toEqual([]);
});

test('the runs of a unit travel with the request for the next, and those trained together are told together', async () => {
  for (const replicas of [1, 2, 3]) {
    const server = new FakeServer();
    const reports = await work(server, { replicas });
    expect(server.requests.map(({ results, wantsUnit }) => [results.length, wantsUnit])).toEqual([
      [0, true],
      [3, true],
      [3, true],
    ]);
    const groups = reports.flatMap((r) => (r.type === 'group' ? [r.runs.map(({ seed }) => seed)] : []));
    const expected = {
      1: [[0], [1], [2], [3], [4], [5]],
      2: [[0, 1], [2], [3, 4], [5]],
      3: [
        [0, 1, 2],
        [3, 4, 5],
      ],
    };
    expect(groups).toEqual(expected[replicas as 1 | 2 | 3]);
  }
});

test('a unit that takes long is delivered in between', async () => {
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 200;
    return now;
  });
  const server = new FakeServer();
  await work(server).finally(() => clock.mockRestore());
  const between = server.requests.filter(({ wantsUnit, results }) => !wantsUnit && results.length > 0);
  expect(between.length).toBeGreaterThan(0);
  expect(server.accepted.size).toBe(6);
});

test('the speed told to the server is that of all runs of a group together', async () => {
  const server = new FakeServer();
  await work(server, { replicas: 3, msPerChunk: 20 });
  const alone = new FakeServer();
  await work(alone, { replicas: 1, msPerChunk: 20 });
  const [together, single] = [server, alone].map(({ requests }) => requests[1]?.flopsPerSecond as number);
  expect((together as number) / (single as number)).toBeGreaterThan(2);
});

test('a group with room for more runs does not make the device slower in the eyes of the server', async () => {
  const server = new FakeServer();
  await work(server, { replicas: 64, msPerChunk: 50 });
  expect(server.requests.map(({ flopsPerSecond }) => flopsPerSecond)).toEqual([1e9, 1e9, 1e9]);
});

test('runs are shown with the engine that trains them; another choice counts from the next runs on', async () => {
  const [first, second] = [fakeEngine({ name: 'first' }), fakeEngine({ name: 'second' })];
  let engine = first;
  const told: string[] = [];
  const report = (message: FromWorker) => {
    if (message.type === 'group') told.push(`${message.engine} on ${message.device}`);
    if (message.type === 'points' && told.length === 2) engine = second;
  };
  const server = new FakeServer();
  const chosen = () => ({ engine, replicas: 2 });
  await volunteer({ ...rest(), chosen, server, deliveries: new Deliveries(server, report), report });
  expect(told).toEqual(['first on nothing', 'first on nothing', 'second on nothing', 'second on nothing']);
  expect([0, 2, 3, 5].map((run) => server.accepted.get(run)?.engine)).toEqual([
    'first',
    'first',
    'second',
    'second',
  ]);
});

test('a reply lost after it was carried out is asked for again, and nothing is lost or trained twice', async () => {
  const server = new FakeServer();
  server.failures = 3;
  const reports = await work(server);
  expect(server.accepted.size).toBe(6);
  expect(reports.flatMap((r) => (r.type === 'trained' ? r.runs : [])).length).toBe(6);
  expect(reports.filter((r) => r.type === 'problem' && !r.fatal).length).toBe(3);
}, 20_000);

test('a run that diverges is a result: its curve ends where the loss stopped being finite', async () => {
  for (const replicas of [1, 3]) {
    const server = new FakeServer();
    await work(server, { replicas, diverges: [2] });
    const run = (index: number) => curveOf(server.accepted.get(index) as FinishedRun);
    expect(run(2)).toMatchObject({ ok: true, curve: { steps: [0, 1], divergedAt: 2 } });
    expect(run(1)).toMatchObject({ ok: true, curve: { steps: [0, 1, 2, 3, 4], divergedAt: null } });
  }
});

test('finish ends after the runs in hand and hands the rest of the unit back', async () => {
  const server = new FakeServer();
  const control = new Control();
  await work(server, { replicas: 2, onStep: () => control.finish() }, control);
  expect([...server.accepted.keys()]).toEqual([0, 1]);
  expect(server.handedBack).toMatchObject([{ unit: 0 }]);
});

test('stop ends at once: the runs in hand are dropped, what was finished is delivered', async () => {
  const server = new FakeServer();
  const control = new Control();
  const onStep = (_: number, seed: number) => seed === 1 && control.stop();
  await work(server, { onStep }, control);
  expect([...server.accepted.keys()]).toEqual([0]);
  expect(server.handedBack).toMatchObject([{ unit: 0, fault: false, reason: 'the volunteer stopped' }]);
});

test('nothing is trained while paused, and the lease is not prolonged', async () => {
  const server = new FakeServer();
  const control = new Control();
  let chunks = 0;
  const working = work(server, { onStep: () => ++chunks === 2 && control.pause() }, control);
  // The turns before the pause may still count once.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { beats } = server;
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect([chunks, server.beats]).toEqual([2, beats]);
  control.resume();
  await working;
  expect(server.accepted.size).toBe(6);
});

test('an errand is run between two chunks, while nothing is trained', async () => {
  const server = new FakeServer();
  const control = new Control();
  let chunks = 0;
  const seen: number[] = [];
  const errand = async () => {
    seen.push(chunks);
    await new Promise((resolve) => setTimeout(resolve, 50));
    seen.push(chunks);
  };
  await work(server, { onStep: () => ++chunks === 2 && control.interrupt(errand) }, control);
  expect(seen).toEqual([2, 2]);
  expect(server.accepted.size).toBe(6);
});

test('an engine that breaks is reported to the caller, after the unit was handed back', async () => {
  const server = new FakeServer();
  const onStep = () => {
    throw new Error('out of order');
  };
  await expect(work(server, { onStep })).rejects.toThrow('out of order');
  expect(server.handedBack).toMatchObject([{ unit: 0, fault: true, reason: 'out of order' }]);
});

test('a refusal that waiting cannot mend ends the work', async () => {
  const server = new FakeServer();
  server.refusal = new ApiError('reload this page', 426, 'version');
  await expect(work(server)).rejects.toThrow('reload this page');
});

test('an engine that hangs does not keep its lease', async () => {
  const server = new FakeServer();
  work(server, { msPerChunk: 1e6 });
  await new Promise((resolve) => setTimeout(resolve, 150));
  // The turn in which it began to hang may count once.
  expect(server.beats).toBeLessThanOrEqual(1);
});

test('work that goes on keeps its lease', async () => {
  const server = new FakeServer();
  await work(server, { msPerChunk: 30 });
  expect(server.beats).toBeGreaterThan(5);
});

/** The server behind a network that can be cut. */
function behindNetwork(server: FakeServer) {
  const network = { isThere: true };
  const flaky: WorkServer = {
    exchange: (request) =>
      network.isThere ? server.exchange(request) : Promise.reject(new ApiError('the network is gone')),
    heartbeat: () => server.heartbeat(),
    handBack: (held, why) => server.handBack(held, why),
  };
  return { network, flaky };
}

test('what was finished while the network was gone survives an engine that breaks', async () => {
  const server = new FakeServer();
  const { network, flaky } = behindNetwork(server);
  const deliveries = new Deliveries(flaky, () => {});
  const onStep = (_: number, seed: number) => {
    network.isThere = false;
    if (seed === 2) throw new Error('out of order');
  };
  const broken = volunteer({ ...rest({ onStep }), server: flaky, deliveries });
  await expect(broken).rejects.toThrow('out of order');
  expect([server.accepted.size, deliveries.waiting]).toEqual([0, 2]);
  network.isThere = true;
  await volunteer({ ...rest(), server: flaky, deliveries });
  expect([server.accepted.size, deliveries.waiting]).toEqual([6, 0]);
});

test('finishing waits for the network with what is finished; stopping waits only a little', async () => {
  const server = new FakeServer();
  const reports: FromWorker[] = [];
  const { network, flaky } = behindNetwork(server);
  const deliveries = new Deliveries(flaky, (message) => reports.push(message));
  const control = new Control();
  const onStep = () => {
    network.isThere = false;
    control.finish();
  };
  const working = volunteer({ ...rest({ onStep }), server: flaky, deliveries, control });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(deliveries.waiting).toBe(1);
  control.stop();
  await working;
  expect(reports.at(-1)).toMatchObject({
    type: 'problem',
    words: expect.stringContaining('could not be delivered'),
  });
}, 20_000);

test('more finished runs than fit into an exchange take several, and only the last asks for a unit', async () => {
  const server = new FakeServer();
  const deliveries = new Deliveries(server, () => {});
  for (let run = 0; run < 2 * LIMITS.resultsPerExchangeMax + 1; run++)
    deliveries.add({ sweepId: 'test-00000000', run } as FinishedRun);
  await deliveries.exchange({ wantsUnit: true, holds: null, prefers: null, flopsPerSecond: 1 });
  expect(server.requests.map(({ results, wantsUnit }) => [results.length, wantsUnit])).toEqual([
    [LIMITS.resultsPerExchangeMax, false],
    [LIMITS.resultsPerExchangeMax, false],
    [1, true],
  ]);
  expect(deliveries.waiting).toBe(0);
});

test('a full exchange of the largest curves fits into a request', () => {
  const steps = evaluationSteps(LIMITS.stepsMax);
  const values = new Float32Array(steps.length);
  const channels = Object.fromEntries(CHANNELS.map((channel) => [channel, values])) as Curve['channels'];
  const run: FinishedRun = {
    ...{ sweepId: `${'x'.repeat(40)}-00000000`, unit: 1e6, run: LIMITS.runsMax, elapsedMs: Math.PI * 1e6 },
    ...{ engine: 'e'.repeat(40), engineVersion: 'v'.repeat(40), weightsDigest: '0'.repeat(64) },
    curve: base64(encodeCurve({ steps, channels, divergedAt: null })),
  };
  const body = JSON.stringify({ results: Array(LIMITS.resultsPerExchangeMax).fill(run) });
  expect(body.length).toBeLessThan(0.9 * LIMITS.exchangeBytesMax);
  expect(LIMITS.resultsPerExchangeMax).toBeGreaterThanOrEqual(LIMITS.runsPerUnitMax);
});
