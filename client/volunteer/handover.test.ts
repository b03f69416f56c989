// Runs that change hands: between volunteers, between visits of one, and where something went wrong.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LIMITS } from '../../shared/limits.ts';
import { segmentStepsMin } from '../../shared/seam.ts';
import { type FakeOptions, fakeEngine } from '../../test/fake-engine.ts';
import { memoryKeeping } from '../../test/fake-keeping.ts';
import { FakeWorkServer, SWEEP } from '../../test/fake-work-server.ts';
import type { FromWorker } from '../engine/messages.ts';
import { ApiError } from '../http.ts';
import { Control } from './control.ts';
import { DatasetShelf } from './datasets.ts';
import { Deliveries } from './deliveries.ts';
import { LocalRuns } from './local-runs.ts';
import { Stamina } from './pace.ts';
import { volunteer } from './volunteer.ts';

const STEPS = 400;

/** Every look at the clock takes this long: a state is saved every ten seconds. */
let tickMs = 0;
beforeEach(() => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += tickMs;
    return now;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  tickMs = 0;
});

const serverOf = (options: ConstructorParameters<typeof FakeWorkServer>[0] = {}) =>
  new FakeWorkServer({ steps: STEPS, runs: 2, runsPerUnit: 2, ...options });

/** A visit of a volunteer to a server: what was told, and every step that was trained. */
function visit(server: FakeWorkServer, options: FakeOptions = {}, keeping = memoryKeeping()) {
  const reports: FromWorker[] = [];
  const report = (message: FromWorker) => void reports.push(message);
  const say = (words: string) => report({ type: 'problem', words, fatal: false, code: null });
  const local = new LocalRuns(keeping.inHand, say);
  const deliveries = new Deliveries({
    ...{ server, keeping, owner: 'me', report },
    onVerdict: (result) => local.remove(result, result.run),
  });
  const datasets = new DatasetShelf({ server, deliveries, kept: keeping.datasets, report });
  const steps: number[] = [];
  const control = new Control();
  const engine = fakeEngine({
    ...options,
    onStep: (step, seed) => {
      steps.push(step);
      options.onStep?.(step, seed);
    },
  });
  const rest = { stamina: new Stamina(), flopsPerSecond: 1e9, untilDone: true };
  const work = async () => {
    await deliveries.open();
    const chosen = () => ({ engine, replicas: 2 });
    const suit = async () => undefined;
    await volunteer({ ...rest, chosen, suit, control, server, deliveries, local, datasets, report });
  };
  const words = () => reports.flatMap((one) => (one.type === 'problem' ? [one.words] : []));
  return { work, control, steps, reports, words, keeping, deliveries };
}

const segmentsOf = (server: FakeWorkServer, run: number) =>
  server.segments.get(run)?.map(({ from, to }) => [from, to]);

/** Trains until a state was saved and some more, then is gone without a word. */
async function killed(server: FakeWorkServer, keeping = memoryKeeping(), options: FakeOptions = {}) {
  tickMs = 1500;
  let at = 0;
  const first = visit(
    server,
    { ...options, onStep: (step) => (at = step), msPerChunk: () => (at > 150 ? 1e9 : 0) },
    keeping,
  );
  void first.work();
  await vi.waitFor(() => expect(at).toBeGreaterThan(150));
  tickMs = 0;
  return { ...first, at };
}

test('a long run is handed in segment by segment; who goes on from its own state does not fetch it', async () => {
  const server = serverOf({ segmentSteps: 150 });
  const { work, reports } = visit(server);
  await work();
  expect(segmentsOf(server, 1)).toEqual([
    [0, 150],
    [150, 300],
    [300, 400],
  ]);
  expect(server.calls).not.toContain('get');
  const kinds = reports.flatMap(({ type }) => (type === 'handed-over' || type === 'trained' ? [type] : []));
  expect(kinds).toEqual(['handed-over', 'handed-over', 'trained']);
});

test('runs that go on are told with their curves from step 0 and with who had kept them', async () => {
  const server = serverOf();
  const first = visit(server, { onStep: (step) => step > 100 && first.control.stop() });
  await first.work();
  const left = server.stepOf(0);
  const groupsOf = ({ reports }: typeof first) =>
    reports.flatMap((one) => (one.type === 'group' ? [one] : []));
  const second = visit(server, { onStep: (step) => step > left + 100 && second.control.stop() });
  await second.work();
  expect(groupsOf(first)).toMatchObject([{ from: 0, keptBy: null, points: [] }]);
  const [begun] = groupsOf(second);
  expect(begun).toMatchObject({ from: left, keptBy: 'server' });
  const told = first.reports.flatMap((one) => (one.type === 'points' ? one.points : []));
  expect(begun?.points.map(({ step }) => step)).toEqual(told.map(({ step }) => step));
  expect(begun?.points.at(-1)?.of).toHaveLength(2);
  const units = second.reports.flatMap((one) => (one.type === 'unit' ? [one.from] : []));
  expect(units).toEqual([[left, left]]);

  const long = serverOf({ segmentSteps: 150 });
  const alone = visit(long);
  await alone.work();
  expect(groupsOf(alone).map(({ from, keptBy }) => [from, keptBy])).toEqual([
    [0, null],
    [150, 'device'],
    [300, 'device'],
  ]);
});

test('a unit that arrives after Finish or Stop was pressed is handed back, and none of it is trained', async () => {
  for (const press of ['finish', 'stop'] as const) {
    const server = serverOf();
    const { work, control, steps, reports } = visit(server);
    const exchange = server.exchange.bind(server);
    vi.spyOn(server, 'exchange').mockImplementation((ask) => {
      control[press]();
      return exchange(ask);
    });
    await work();
    expect([steps, reports.filter(({ type }) => type === 'unit')]).toEqual([[], []]);
    expect(server.handedBack).toMatchObject([{ why: 'left' }]);
  }
});

test('a volunteer who stops hands in where the runs in hand stand, and another goes on from there', async () => {
  const server = serverOf();
  const first = visit(server, { onStep: (step) => step > 100 && first.control.stop() });
  await first.work();
  const left = server.stepOf(0);
  expect(left).toBe(first.steps.at(-1) as number);
  expect(server.handedBack).toMatchObject([{ why: 'left' }]);
  const second = visit(server);
  await second.work();
  expect(server.calls.filter((call) => call === 'get')).toHaveLength(2);
  expect(second.steps[0]).toBe(left + 1);
  expect([server.accepted.size, segmentsOf(server, 0)]).toEqual([
    2,
    [
      [0, left],
      [left, STEPS],
    ],
  ]);
});

test('steps too few for a segment are not handed in', async () => {
  const steps = 100_000;
  expect(segmentStepsMin(steps, LIMITS.segmentsPerRunMax)).toBe(250);
  const server = serverOf({ steps });
  const { work, control } = visit(server, { onStep: (step) => step > 20 && control.stop() });
  await work();
  expect([server.segments.size, server.states.size]).toEqual([0, 0]);
  expect(server.handedBack).toMatchObject([{ why: 'left' }]);
});

test('a volunteer who was killed goes on where it was when it was last saved', async () => {
  const server = serverOf();
  const { keeping, at } = await killed(server);
  expect([...keeping.inHand.kept.keys()].sort()).toEqual(['lease', `${SWEEP}.0.0`, `${SWEEP}.0.1`]);
  const { work, steps } = visit(server, {}, keeping);
  await work();
  expect(steps[0]).toBeGreaterThan(1);
  expect(steps[0]).toBeLessThanOrEqual(at + 1);
  expect(segmentsOf(server, 1)).toEqual([[0, STEPS]]);
  expect(server.requests[1]?.holds).toEqual({ sweepId: SWEEP, unit: 0 });
  expect(keeping.inHand.kept.size).toBe(0);
});

test.each(['here', 'after a reload'])(
  'a pause outlives its lease: %s it goes on at that very step',
  async (where) => {
    const server = serverOf();
    const first = visit(server, { onStep: (step) => step > 100 && server.leased && first.control.pause() });
    const paused = first.work();
    await vi.waitFor(() => expect(first.keeping.inHand.kept.size).toBe(3));
    const before = first.steps.splice(0);
    server.leased = false;
    const second = where === 'here' ? first : visit(server, {}, first.keeping);
    if (second === first) first.control.resume();
    await (second === first ? paused : second.work());
    expect(second.steps[0]).toBeGreaterThan(before.at(-1) as number);
    expect([segmentsOf(server, 0), segmentsOf(server, 1)]).toEqual([[[0, STEPS]], [[0, STEPS]]]);
  },
);

test('a reload without a connection goes on with what was in hand, and it is delivered later, once', async () => {
  const server = serverOf({ runs: 4, runsPerUnit: 4 });
  const { keeping } = await killed(server);
  let isThere = false;
  server.before = () => (isThere ? null : new ApiError('the network is gone'));
  const { work, steps, deliveries, control } = visit(server, {}, keeping);
  const working = work();
  await vi.waitFor(() => expect(deliveries.waiting).toBe(2), { timeout: 10_000 });
  expect(steps[0]).toBeGreaterThan(1);
  // The other two of the unit were not begun here: the server may know better who does them.
  expect([server.accepted.size, steps.at(-1)]).toEqual([0, STEPS]);
  const done = steps.length;
  isThere = true;
  await working;
  expect([...server.accepted.keys()].sort()).toEqual([0, 1, 2, 3]);
  expect(steps[done]).toBe(1);
  expect(control.ending).toBe(false);
}, 20_000);

test('a busy server costs nothing of what this device keeps', async () => {
  const server = serverOf();
  const { keeping } = await killed(server);
  server.busy = 2;
  const { work, steps } = visit(server, {}, keeping);
  await work();
  expect(steps[0]).toBeGreaterThan(1);
  const asked = server.requests.slice(1, 4).map(({ holds }) => holds);
  expect(asked).toEqual(Array(3).fill({ sweepId: SWEEP, unit: 0 }));
});

test('killed in a later segment, it goes on from its own state, and the seam is the one it found', async () => {
  const server = serverOf();
  const first = visit(server, { onStep: (step) => step > 50 && first.control.stop() });
  await first.work();
  const left = server.stepOf(0);
  const { keeping } = await killed(server);
  const { work, steps } = visit(server, {}, keeping);
  await work();
  expect(steps[0]).toBeGreaterThan(left + 1);
  expect(server.accepted.size).toBe(2);
  expect(server.segments.get(0)?.[1]?.start).toEqual(server.segments.get(0)?.[0]?.end);
});

test.each([
  ['another version of the engine', { version: '2' }, () => {}],
  [
    'damaged bytes',
    {},
    ({ inHand }: ReturnType<typeof memoryKeeping>) => {
      for (const bytes of inHand.kept.values()) bytes[bytes.length - 40] = 255 - (bytes.at(-40) as number);
    },
  ],
] as const)(
  '%s: the state on this device is of no use, and the runs begin where they are leased',
  async (_, options, spoil) => {
    const server = serverOf();
    const { keeping } = await killed(server);
    spoil(keeping);
    const { work, steps } = visit(server, options, keeping);
    await work();
    expect([steps[0], server.accepted.size]).toEqual([1, 2]);
  },
);

test('a state of a run that somebody else got on with meanwhile is of no use', async () => {
  const server = serverOf();
  const { keeping } = await killed(server);
  const other = visit(server, { onStep: (step) => step > 20 && other.control.stop() });
  await other.work();
  const left = server.stepOf(0);
  expect(left).toBeGreaterThan(0);
  const { work, steps } = visit(server, {}, keeping);
  await work();
  expect([steps[0], server.accepted.size]).toEqual([left + 1, 2]);
});

test('storage that is full costs nothing but the safety, and is told once', async () => {
  tickMs = 1500;
  const server = serverOf();
  const keeping = memoryKeeping();
  keeping.inHand.isFull = true;
  const { work, words } = visit(server, {}, keeping);
  await work();
  expect(server.accepted.size).toBe(2);
  expect(words().filter((one) => one.includes('does not keep the runs in hand'))).toHaveLength(1);
});

/** A server whose two runs were left in the middle. */
async function halfDone() {
  const server = serverOf();
  const first = visit(server, { onStep: (step) => step > 100 && first.control.stop() });
  await first.work();
  server.handedBack.length = 0;
  return server;
}

/** Works until something was handed back. */
async function untilHandedBack(server: FakeWorkServer, options: FakeOptions = {}) {
  const one = visit(server, options);
  const working = one.work();
  await vi.waitFor(() => expect(server.handedBack.length).toBeGreaterThan(0));
  one.control.stop();
  await working;
  return one;
}

test('a state that is missing or damaged is disputed, and the run named', async () => {
  const spoils: ((states: FakeWorkServer['states'], digest: string) => void)[] = [
    (states, digest) => states.delete(digest),
    (states, digest) => states.get(digest)?.fill(0),
  ];
  for (const spoil of spoils) {
    const server = await halfDone();
    spoil(server.states, server.segments.get(1)?.at(-1)?.checkpoint as string);
    const { words } = await untilHandedBack(server);
    expect(server.handedBack[0]).toMatchObject({ why: 'disputed', run: 1, unit: 0 });
    expect(words()[0]).toContain('Run 1 cannot be gone on with from where it was left');
  }
});

test('a download that came damaged is tried once more before it is disputed', async () => {
  const server = await halfDone();
  let damaged = 0;
  const { getState } = FakeWorkServer.prototype;
  server.getState = async (digest) => {
    const bytes = (await getState.call(server, digest))?.slice() ?? null;
    if (damaged++ === 0) bytes?.fill(0);
    return bytes;
  };
  await visit(server).work();
  expect(server.accepted.size).toBe(2);
  expect(server.handedBack).toEqual([]);
});

test('a state that evaluates to something else is disputed before the run goes on', async () => {
  const server = await halfDone();
  const { steps } = await untilHandedBack(server, { loss: (step) => 2 / (1 + step) });
  expect(server.handedBack[0]).toMatchObject({ why: 'disputed', run: 0 });
  expect(steps).toHaveLength(1);
});

test('a server that has moved on ends the work in good order, and the new version delivers it first', async () => {
  const server = serverOf();
  let isOutdated = false;
  server.before = () => (isOutdated ? new ApiError('update, please', 426, 'version') : null);
  const first = visit(server, {
    msPerChunk: 20,
    onStep: (step) => {
      isOutdated = step > 50;
    },
  });
  await expect(first.work()).rejects.toThrow('update, please');
  const left = first.steps.at(-1) as number;
  expect([server.segments.size, first.deliveries.waiting]).toEqual([0, 2]);
  isOutdated = false;
  const second = visit(server, {}, first.keeping);
  await second.work();
  expect(server.requests[1]).toMatchObject({ wantsUnit: false, results: [{ to: left }, { to: left }] });
  expect(second.steps[0]).toBe(left + 1);
  expect(server.accepted.size).toBe(2);
});

test('heartbeats tell every point of the curve once, also where one got lost, and how far all runs are together', async () => {
  const server = serverOf();
  let beats = 0;
  server.before = (call) => (call === 'heartbeat' && ++beats === 2 ? new ApiError('lost') : null);
  await visit(server, { msPerChunk: 15 }).work();
  expect(server.beats.length).toBeGreaterThan(2);
  const told = server.beats.flatMap(({ runs: [first] }) => first?.points.map(([step]) => step) ?? []);
  const progress = server.beats.map((beat) => beat.progress);
  expect(told).toEqual([...told].sort((a, b) => Number(a) - Number(b)));
  expect(told.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
  expect(new Set(told).size).toBe(told.length);
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  for (const { runs, progress: sum } of server.beats) {
    expect(runs).toHaveLength(2);
    expect(sum).toBe(2 * (runs[0]?.step as number));
  }
});

test('the progress of a unit goes on growing over its segments and over visits', async () => {
  const server = serverOf({ segmentSteps: 150 });
  const first = visit(server, { msPerChunk: 15, onStep: (step) => step > 200 && first.control.stop() });
  await first.work();
  const { length } = server.beats;
  await visit(server, { msPerChunk: 15 }).work();
  const progress = server.beats.map((beat) => beat.progress);
  expect(length).toBeGreaterThan(0);
  expect(progress.length).toBeGreaterThan(length);
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
});
