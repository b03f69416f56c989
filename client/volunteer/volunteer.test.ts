import { expect, test, vi } from 'vitest';
import { fromBase64 } from '../../shared/bytes.ts';
import { decodeCurve } from '../../shared/curve.ts';
import { plainTimeline } from '../../shared/spec/timeline.ts';
import type { FinishedRun } from '../../shared/work.ts';
import { type FakeOptions, fakeEngine } from '../../test/fake-engine.ts';
import { memoryKeeping } from '../../test/fake-keeping.ts';
import { FakeWorkServer } from '../../test/fake-work-server.ts';
import type { FromWorker } from '../engine/messages.ts';
import { ApiError } from '../http.ts';
import { Control } from './control.ts';
import { DatasetShelf } from './datasets.ts';
import { Deliveries } from './deliveries.ts';
import type { Keeping } from './keeping.ts';
import { LocalRuns } from './local-runs.ts';
import { Stamina } from './pace.ts';
import type { WorkServer } from './server.ts';
import { type VolunteerOptions, volunteer } from './volunteer.ts';

/** What a volunteer needs besides its server: an engine that trains so many runs at once. */
const rest = (options: FakeOptions & { replicas?: number } = {}) => {
  const engine = fakeEngine(options);
  return {
    chosen: () => ({ engine, replicas: options.replicas ?? 1 }),
    suit: async () => undefined,
    ...{ stamina: new Stamina(), flopsPerSecond: 1e9, untilDone: true },
    control: new Control(),
    report: (() => {}) as VolunteerOptions['report'],
  };
};

/** What outlives the engines of a volunteer. */
function desk(
  server: WorkServer,
  report: VolunteerOptions['report'] = () => {},
  keeping: Keeping = memoryKeeping(),
) {
  const local = new LocalRuns(keeping.inHand, () => {});
  const deliveries = new Deliveries({ server, keeping, owner: 'me', report });
  const datasets = new DatasetShelf({ server, deliveries, kept: keeping.datasets, report });
  return { server, deliveries, local, datasets, report };
}

async function work(server: WorkServer, options: Parameters<typeof rest>[0] = {}, control = new Control()) {
  const reports: FromWorker[] = [];
  await volunteer({ ...rest(options), ...desk(server, (message) => reports.push(message)), control });
  return reports;
}

const verdicts = (reports: FromWorker[]) =>
  reports.flatMap((r) => (r.type === 'delivered' ? r.runs : [])).map(({ verdict }) => verdict);

const curveOf = ({ curve }: FinishedRun) => decodeCurve(fromBase64(curve) as Uint8Array, plainTimeline(4));

test('a volunteer drains a sweep and delivers every run with its curve', async () => {
  const server = new FakeWorkServer();
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
    const server = new FakeWorkServer();
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
  const server = new FakeWorkServer();
  await work(server).finally(() => clock.mockRestore());
  const between = server.requests.filter(({ wantsUnit, results }) => !wantsUnit && results.length > 0);
  expect(between.length).toBeGreaterThan(0);
  expect(server.accepted.size).toBe(6);
});

test('the speed told to the server is that of all runs of a group together', async () => {
  const server = new FakeWorkServer();
  await work(server, { replicas: 3, msPerChunk: 20 });
  const alone = new FakeWorkServer();
  await work(alone, { replicas: 1, msPerChunk: 20 });
  const [together, single] = [server, alone].map(({ requests }) => requests[1]?.flopsPerSecond as number);
  expect((together as number) / (single as number)).toBeGreaterThan(2);
});

test('a group with room for more runs does not make the device slower in the eyes of the server', async () => {
  const server = new FakeWorkServer();
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
  const server = new FakeWorkServer();
  const chosen = () => ({ engine, replicas: 2 });
  await volunteer({ ...rest(), chosen, ...desk(server, report) });
  expect(told).toEqual(['first on nothing', 'first on nothing', 'second on nothing', 'second on nothing']);
  expect([0, 2, 3, 5].map((run) => server.accepted.get(run)?.engine)).toEqual([
    'first',
    'first',
    'second',
    'second',
  ]);
});

test('a reply lost after it was carried out is asked for again, and nothing is lost or trained twice', async () => {
  const server = new FakeWorkServer();
  let losses = 3;
  server.after = (call) => (call === 'exchange' && losses-- > 0 ? new ApiError('the reply was lost') : null);
  const reports = await work(server);
  expect(server.accepted.size).toBe(6);
  expect(reports.flatMap((r) => (r.type === 'trained' ? r.runs : [])).length).toBe(6);
  expect(reports.filter((r) => r.type === 'problem' && !r.fatal).length).toBe(3);
}, 20_000);

test('a run that diverges is a result: its curve ends where the loss stopped being finite', async () => {
  for (const replicas of [1, 3]) {
    const server = new FakeWorkServer();
    await work(server, { replicas, diverges: [2] });
    const run = (index: number) => curveOf(server.accepted.get(index) as FinishedRun);
    expect(run(2)).toMatchObject({ ok: true, curve: { steps: [0, 1], divergedAt: 2 } });
    expect(run(1)).toMatchObject({ ok: true, curve: { steps: [0, 1, 2, 3, 4], divergedAt: null } });
  }
});

test('finish ends after the runs in hand and hands the rest of the unit back', async () => {
  const server = new FakeWorkServer();
  const control = new Control();
  await work(server, { replicas: 2, onStep: () => control.finish() }, control);
  expect([...server.accepted.keys()]).toEqual([0, 1]);
  expect(server.handedBack).toMatchObject([{ unit: 0 }]);
});

test('stop ends at once: what is finished is delivered, and so is how far the runs in hand are', async () => {
  const server = new FakeWorkServer();
  const control = new Control();
  const onStep = (_: number, seed: number) => seed === 1 && control.stop();
  await work(server, { onStep }, control);
  expect([...server.accepted.keys()]).toEqual([0]);
  expect(server.stepOf(1)).toBe(2);
  expect(server.handedBack).toMatchObject([{ unit: 0, why: 'left', reason: 'the volunteer stopped' }]);
});

test('nothing is trained while paused, and the lease is not prolonged', async () => {
  const server = new FakeWorkServer();
  const control = new Control();
  let chunks = 0;
  const working = work(server, { onStep: () => ++chunks === 2 && control.pause() }, control);
  // The turns before the pause may still count once.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { length: beats } = server.beats;
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect([chunks, server.beats.length]).toEqual([2, beats]);
  control.resume();
  await working;
  expect(server.accepted.size).toBe(6);
});

test('an errand is run between two chunks, while nothing is trained', async () => {
  const server = new FakeWorkServer();
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
  const server = new FakeWorkServer();
  const onStep = () => {
    throw new Error('out of order');
  };
  await expect(work(server, { onStep })).rejects.toThrow('out of order');
  expect(server.handedBack).toMatchObject([{ unit: 0, why: 'fault', reason: 'out of order' }]);
});

test('a refusal that waiting cannot mend ends the work', async () => {
  const server = new FakeWorkServer();
  server.before = () => new ApiError('who are you', 401, 'unauthorized');
  await expect(work(server)).rejects.toThrow('who are you');
});

test('an engine that hangs does not keep its lease', async () => {
  const server = new FakeWorkServer();
  work(server, { msPerChunk: 1e6 });
  await new Promise((resolve) => setTimeout(resolve, 150));
  // The turn in which it began to hang may count once.
  expect(server.beats.length).toBeLessThanOrEqual(1);
});

test('work that goes on keeps its lease', async () => {
  const server = new FakeWorkServer();
  await work(server, { msPerChunk: 30 });
  expect(server.beats.length).toBeGreaterThan(5);
});

test('a unit that was lost is left after the runs in hand, which are delivered all the same', async () => {
  const server = new FakeWorkServer();
  server.leased = false;
  await work(server, { msPerChunk: 30 });
  // It asks anew after every run, and does not train what may be somebody else's by now.
  const asked = server.requests.filter(({ wantsUnit }) => wantsUnit);
  expect(asked.length).toBeGreaterThanOrEqual(6);
  expect(server.accepted.size).toBe(6);
});

/** A server behind a network that can be cut. */
function behindNetwork() {
  const server = new FakeWorkServer();
  const network = { isThere: true };
  server.before = () => (network.isThere ? null : new ApiError('the network is gone'));
  return { network, server };
}

test('what was finished while the network was gone survives an engine that breaks', async () => {
  const { network, server } = behindNetwork();
  const office = desk(server);
  const onStep = (_: number, seed: number) => {
    network.isThere = false;
    if (seed === 2) throw new Error('out of order');
  };
  await expect(volunteer({ ...rest({ onStep }), ...office })).rejects.toThrow('out of order');
  expect([server.accepted.size, office.deliveries.waiting]).toEqual([0, 2]);
  network.isThere = true;
  await volunteer({ ...rest(), ...office });
  expect([server.accepted.size, office.deliveries.waiting]).toEqual([6, 0]);
});

test('finishing waits for the network with what is finished; stopping waits only a little', async () => {
  const reports: FromWorker[] = [];
  const { network, server } = behindNetwork();
  const office = desk(server, (message) => reports.push(message));
  const control = new Control();
  const onStep = () => {
    network.isThere = false;
    control.finish();
  };
  const working = volunteer({ ...rest({ onStep }), ...office, control });
  await vi.waitFor(() => expect(reports.some(({ type }) => type === 'problem')).toBe(true));
  expect(office.deliveries.waiting).toBe(1);
  control.stop();
  await working;
  const last = reports.findLast(({ type }) => type === 'problem');
  expect(last).toMatchObject({ words: expect.stringContaining('kept here and sent when you next start') });
}, 20_000);

test('the network being back is used at once, however long the wait was to be', async () => {
  const server = new FakeWorkServer();
  let isGone = true;
  server.before = () => (isGone ? new ApiError('gone') : null);
  const control = new Control();
  const reports: FromWorker[] = [];
  const own = { ...rest(), ...desk(server, (message) => reports.push(message)), control };
  vi.spyOn(own.deliveries, 'delayMs').mockReturnValue(3_600_000);
  const working = volunteer(own);
  await vi.waitFor(() => expect(own.deliveries.delayMs).toHaveBeenCalledOnce());
  isGone = false;
  control.nudge();
  await working;
  expect(verdicts(reports)).toEqual(Array(6).fill('accepted'));
});

test('a wish that changes while runs are trained goes out with the next request', async () => {
  const server = new FakeWorkServer();
  const control = new Control();
  const onStep = () => {
    control.prefers = { sweepId: null, researcher: 'Ada' };
  };
  await work(server, { onStep }, control);
  expect(server.requests.map(({ prefers }) => prefers?.researcher)).toEqual([undefined, 'Ada', 'Ada']);
});
