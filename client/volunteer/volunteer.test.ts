import { expect, test } from 'vitest';
import { decodeCurve } from '../../shared/curve.ts';
import type { Engine } from '../../shared/engine/engine.ts';
import type { ExchangeReply, ExchangeRequest, FinishedRun, HeldUnit, Lease } from '../../shared/protocol.ts';
import type { FromWorker } from '../engine/messages.ts';
import { ApiError } from '../http.ts';
import { Control } from './control.ts';
import { Deliveries } from './deliveries.ts';
import type { HandBack, WorkServer } from './server.ts';
import { volunteer } from './volunteer.ts';

const spec = {
  name: 'test',
  title: 'A test',
  task: { p: 7, trainFraction: 0.5 },
  model: { embedding: 2, hidden: 2 },
  optimizer: { lr: 0.1 },
  train: { steps: 4 },
  parameters: { seed: { min: 0, max: 5 } },
};

/** An engine whose runs learn on schedule, without computing anything. Seed `diverges` blows up at step 2. */
const fakeEngine = (diverges = -1, onStep: (step: number) => void = () => {}): Engine => ({
  name: 'fake',
  version: '1',
  async prepare({ seed }) {
    let done = 0;
    return {
      get stepsDone() {
        return done;
      },
      async step(count) {
        done += count;
        onStep(done);
      },
      async evaluate() {
        const loss = seed === diverges && done >= 2 ? Number.NaN : 1 / (1 + done);
        return { trainLoss: loss, trainAccuracy: 1, testLoss: loss, testAccuracy: done >= 2 ? 1 : 0 };
      },
      weights: async () => [Float32Array.of(seed)],
      save: async () => new Uint8Array(),
      restore: async () => {},
      dispose() {},
    };
  },
});

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

async function work(server: FakeServer, engine = fakeEngine(), control = new Control()) {
  const reports: FromWorker[] = [];
  const report = (message: FromWorker) => reports.push(message);
  const deliveries = new Deliveries(server, report);
  const rest = { flopsPerSecond: 1e9, prefers: null, untilDone: true, control, report };
  await volunteer({ server, deliveries, engine, ...rest });
  return reports;
}

test('a volunteer drains a sweep and delivers every run with its curve', async () => {
  const server = new FakeServer();
  const reports = await work(server);
  expect([...server.accepted.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  const { curve, weightsDigest, engine } = server.accepted.get(4) as FinishedRun;
  const decoded = decodeCurve(
    Uint8Array.from(atob(curve), (c) => c.charCodeAt(0)),
    4,
  );
  expect(decoded).toMatchObject({ ok: true, curve: { steps: [0, 1, 2, 3, 4], divergedAt: null } });
  expect(engine).toBe('fake');
  expect(weightsDigest).toMatch(/^[0-9a-f]{64}$/);
  const finished = reports.filter((r) => r.type === 'finished');
  expect(finished.filter(({ verdict }) => verdict === 'accepted').length).toBe(6);
  expect(server.handedBack).toEqual([]);
});

test('the last run of a unit travels with the request for the next', async () => {
  const server = new FakeServer();
  await work(server);
  expect(server.requests.map(({ results, wantsUnit }) => [results.length, wantsUnit])).toEqual([
    [0, true],
    [1, false],
    [1, false],
    [1, true],
    [1, false],
    [1, false],
    [1, true],
  ]);
});

test('a reply lost after it was carried out is asked for again, and nothing is lost or trained twice', async () => {
  const server = new FakeServer();
  server.failures = 3;
  const reports = await work(server);
  expect(server.accepted.size).toBe(6);
  expect(reports.filter((r) => r.type === 'finished' && r.verdict === 'queued').length).toBe(6);
  expect(reports.filter((r) => r.type === 'problem' && !r.fatal).length).toBe(3);
}, 20_000);

test('a run that diverges is a result: its curve ends where the loss stopped being finite', async () => {
  const server = new FakeServer();
  await work(server, fakeEngine(2));
  const { curve } = server.accepted.get(2) as FinishedRun;
  const decoded = decodeCurve(
    Uint8Array.from(atob(curve), (c) => c.charCodeAt(0)),
    4,
  );
  expect(decoded).toMatchObject({ ok: true, curve: { steps: [0, 1], divergedAt: 2 } });
});

test('finish ends after the run in hand and hands the rest of the unit back', async () => {
  const server = new FakeServer();
  const control = new Control();
  let steps = 0;
  await work(
    server,
    fakeEngine(-1, () => ++steps === 6 && control.finish()),
    control,
  );
  expect([...server.accepted.keys()]).toEqual([0, 1]);
  expect(server.handedBack).toMatchObject([{ unit: 0 }]);
});

test('stop ends at once: the run in hand is dropped, what was finished is delivered', async () => {
  const server = new FakeServer();
  const control = new Control();
  let steps = 0;
  await work(
    server,
    fakeEngine(-1, () => ++steps === 6 && control.stop()),
    control,
  );
  expect([...server.accepted.keys()]).toEqual([0]);
  expect(server.handedBack).toMatchObject([{ unit: 0, fault: false, reason: 'the volunteer stopped' }]);
});

test('nothing is trained while paused, and the lease is not prolonged', async () => {
  const server = new FakeServer();
  const control = new Control();
  let steps = 0;
  const working = work(
    server,
    fakeEngine(-1, () => ++steps === 2 && control.pause()),
    control,
  );
  // The turns before the pause may still count once.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { beats } = server;
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect([steps, server.beats]).toEqual([2, beats]);
  control.resume();
  await working;
  expect(server.accepted.size).toBe(6);
});

test('an engine that breaks is reported to the caller, after the unit was handed back', async () => {
  const server = new FakeServer();
  const broken = fakeEngine(-1, (step) => {
    if (step === 3) throw new Error('device lost');
  });
  await expect(work(server, broken)).rejects.toThrow('device lost');
  expect(server.handedBack).toMatchObject([{ unit: 0, fault: true, reason: 'device lost' }]);
});

test('a refusal that waiting cannot mend ends the work', async () => {
  const server = new FakeServer();
  server.refusal = new ApiError('reload this page', 426, 'version');
  await expect(work(server)).rejects.toThrow('reload this page');
});

test('an engine that hangs does not keep its lease', async () => {
  const server = new FakeServer();
  const control = new Control();
  const engine = fakeEngine();
  const hanging: Engine = {
    ...engine,
    prepare: async (training) => {
      const session = await engine.prepare(training);
      session.step = () => new Promise(() => {});
      return session;
    },
  };
  work(server, hanging, control);
  await new Promise((resolve) => setTimeout(resolve, 150));
  // The turn in which it began to hang may count once.
  expect(server.beats).toBeLessThanOrEqual(1);
});

test('work that goes on keeps its lease', async () => {
  const server = new FakeServer();
  const engine = fakeEngine();
  const slow: Engine = {
    ...engine,
    prepare: async (training) => {
      const session = await engine.prepare(training);
      const { step } = session;
      session.step = async (count) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        await step(count);
      };
      return session;
    },
  };
  await work(server, slow);
  expect(server.beats).toBeGreaterThan(5);
});

test('what was finished while the network was gone survives an engine that breaks', async () => {
  const server = new FakeServer();
  let isOnline = true;
  const flaky: WorkServer = {
    exchange: (request) =>
      isOnline ? server.exchange(request) : Promise.reject(new ApiError('the network is gone')),
    heartbeat: () => server.heartbeat(),
    handBack: (held, why) => server.handBack(held, why),
  };
  const onFlaky = new Deliveries(flaky, () => {});
  const rest = {
    flopsPerSecond: 1,
    prefers: null,
    untilDone: true,
    control: new Control(),
    report: () => {},
  };
  let steps = 0;
  const breaking = fakeEngine(-1, () => {
    isOnline = steps++ > 99;
    if (steps === 9) throw new Error('device lost');
  });
  await expect(volunteer({ server: flaky, deliveries: onFlaky, engine: breaking, ...rest })).rejects.toThrow(
    'device lost',
  );
  expect([server.accepted.size, onFlaky.waiting]).toEqual([0, 2]);
  isOnline = true;
  await volunteer({ server: flaky, deliveries: onFlaky, engine: fakeEngine(), ...rest });
  expect([server.accepted.size, onFlaky.waiting]).toEqual([6, 0]);
});

test('finishing waits for the network with what is finished; stopping waits only a little', async () => {
  const server = new FakeServer();
  const reports: FromWorker[] = [];
  let isOnline = true;
  const flaky: WorkServer = {
    exchange: (request) => (isOnline ? server.exchange(request) : Promise.reject(new ApiError('gone'))),
    heartbeat: () => server.heartbeat(),
    handBack: (held, why) => server.handBack(held, why),
  };
  const deliveries = new Deliveries(flaky, (message) => reports.push(message));
  const control = new Control();
  const engine = fakeEngine(-1, () => {
    isOnline = false;
    control.finish();
  });
  const rest = { flopsPerSecond: 1, prefers: null, untilDone: false, report: () => {} };
  const working = volunteer({ server: flaky, deliveries, engine, control, ...rest });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(deliveries.waiting).toBe(1);
  control.stop();
  await working;
  expect(reports.at(-1)).toMatchObject({
    type: 'problem',
    words: expect.stringContaining('could not be delivered'),
  });
}, 20_000);
