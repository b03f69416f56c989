import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Engine } from '../../shared/engine/engine.ts';
import { fakeEngine } from '../../test/fake-engine.ts';
import { type Candidate, type Choosing, chooseEngine, chosenBefore, Unavailable } from './choose.ts';
import type { FromWorker } from './messages.ts';
import { Selection } from './selection.ts';

let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

interface Timed {
  replicasMax?: number;
  /** Of every call, whatever its steps. */
  latencyMs?: () => number;
  /** Of every session. */
  compileMs?: number;
}

/** An engine on which one step of so many replicas takes a given time, by a clock of our own. */
function timed(name: string, stepMs: (replicas: number) => number, options: Timed = {}): Engine {
  const { replicasMax = 1e9, latencyMs = () => 0, compileMs = 0 } = options;
  const engine = fakeEngine({ name, replicasMax });
  return {
    ...engine,
    async prepare(trainings) {
      const session = await engine.prepare(trainings);
      now += compileMs;
      const { advance } = session;
      session.advance = (until, at) => {
        now += latencyMs() + (until - session.stepsDone) * stepMs(trainings.length);
        return advance.call(session, until, at);
      };
      return session;
    },
  };
}

const candidate = (engine: Engine, replicas = [1]): Candidate => ({
  name: engine.name,
  replicas,
  load: async () => engine,
});
const failing = (name: string, error: Error): Candidate => ({ name, load: () => Promise.reject(error) });
const wasm = () =>
  candidate(
    timed('wasm', () => 0.2),
    [2],
  );
const gpu = (stepMs: (replicas: number) => number, options: Timed = {}) =>
  candidate(timed('webgpu', stepMs, options), [1, 4, 16, 64]);
/** The processor of a large machine: a run on each of 16 threads. */
const manyThreads = () =>
  candidate(
    timed('wasm', () => 0.25),
    [16],
  );

const choose = (candidates: Candidate[], fallbacks: Candidate[] = []) =>
  chooseEngine({ candidates, fallbacks, machine: 'a test' });

test('the engine with the least time per step and run is chosen, with the replicas that pay', async () => {
  const { chosen, trials, isLasting } = await choose([wasm(), gpu((r) => 0.2 + 0.01 * r)]);
  expect(chosen?.choice).toMatchObject({
    engine: 'webgpu',
    device: 'nothing',
    replicas: 64,
    machine: 'a test',
  });
  expect(chosen?.choice.msPerStep).toBeCloseTo(0.84 / 64, 5);
  expect(trials.map(({ name, rates }) => [name, rates.length])).toEqual([
    ['wasm', 1],
    ['webgpu', 4],
  ]);
  expect(isLasting).toBe(true);
});

test('more replicas are tried only while the throughput grows', async () => {
  const { chosen, trials } = await choose([gpu((r) => Math.max(0.2, 0.05 * r))]);
  expect(trials[0]?.rates.map(({ replicas }) => replicas)).toEqual([1, 4, 16]);
  expect(chosen?.choice.replicas).toBe(4);
});

test('a graphics card wins with many replicas however long a round trip to it takes', async () => {
  for (let latency = 1; latency <= 20; latency++) {
    for (const jitter of [0, 1, 4]) {
      now = 0;
      let calls = 0;
      const latencyMs = () => latency + jitter * ((calls++ * 0.618) % 1);
      const card = gpu((r) => 0.1 + 0.001 * r, { latencyMs });
      const { chosen } = await choose([manyThreads(), card]);
      const { engine, replicas, msPerStep } = chosen?.choice ?? {};
      expect([engine, replicas], `${latency} ms`).toEqual(['webgpu', 64]);
      // Training in chunks of 150 ms, a round trip hardly counts.
      expect((msPerStep ?? 0) / (0.164 / 64), `${latency} ms`).toBeCloseTo(1, jitter === 0 ? 5 : 0);
    }
  }
});

test('shaders that compile slowly do not keep a graphics card from many replicas', async () => {
  const { chosen } = await choose([manyThreads(), gpu((r) => 0.5 + 0.001 * r, { compileMs: 1500 })]);
  expect(chosen?.choice).toMatchObject({ engine: 'webgpu', replicas: 64 });
});

test('what no number of replicas could make the fastest is given up on within a second', async () => {
  const adapters = [(r: number) => 3 * r, (r: number) => 2 + r, (r: number) => 30 * r, () => 60];
  for (const stepMs of adapters) {
    for (const processor of [manyThreads, wasm]) {
      now = 0;
      const { chosen, trials, isLasting } = await choose([processor(), gpu(stepMs)]);
      expect([chosen?.engine.name, isLasting]).toEqual(['wasm', true]);
      expect(trials[1]?.rates[0]?.msPerStep).toBeCloseTo(stepMs(1), 5);
      expect(now).toBeLessThan(1000);
    }
  }
});

test('an engine that computes something else is not chosen, however fast it is', async () => {
  const wrong = candidate(fakeEngine({ name: 'webgpu', loss: () => 0.5 }));
  const broken = candidate(fakeEngine({ name: 'other', loss: () => Number.NaN }));
  const { chosen, trials } = await choose([wasm(), wrong, broken]);
  expect(chosen?.engine.name).toBe('wasm');
  for (const { problem } of trials.slice(1)) expect(problem).toContain('computes something else');
});

test('the whole benchmark takes about a second', async () => {
  for (const stepMs of [0.01, 0.1, 0.9]) {
    now = 0;
    await choose([wasm(), gpu((r) => stepMs * (1 + r / 100))]);
    expect(now).toBeLessThan(1300);
  }
});

test('a fallback is not even loaded while another engine works', async () => {
  const load = vi.fn(async () => timed('tfjs', () => 1));
  await choose([wasm()], [{ name: 'tfjs', load }]);
  expect(load).not.toHaveBeenCalled();
  const { chosen } = await choose([failing('wasm', new Error('no'))], [{ name: 'tfjs', load }]);
  expect(chosen?.engine.name).toBe('tfjs');
});

test('a choice lasts where what is missing is not to be had, not where it could not be loaded', async () => {
  const there = await choose([wasm(), failing('webgpu', new Unavailable('no WebGPU'))]);
  expect([there.chosen?.engine.name, there.isLasting]).toEqual(['wasm', true]);
  const cut = await choose([wasm(), failing('webgpu', new TypeError('Failed to fetch'))]);
  expect([cut.chosen?.engine.name, cut.isLasting]).toEqual(['wasm', false]);
});

test('replicas that do not fit leave the engine what it did with fewer', async () => {
  const tight = candidate(
    timed('webgpu', () => 0.1, { replicasMax: 4 }),
    [1, 4, 16],
  );
  const { chosen, isLasting } = await choose([tight]);
  expect([chosen?.choice.replicas, isLasting]).toEqual([4, false]);
});

test('where nothing works, every reason is told', async () => {
  const { chosen, trials } = await choose(
    [failing('wasm', new Error('a'))],
    [failing('tfjs', new Error('b'))],
  );
  expect(chosen).toBeNull();
  expect(trials.map(({ problem }) => problem)).toEqual(['a', 'b']);
});

test('an earlier choice holds for the same machine, release and engine only', async () => {
  const choosing: Choosing = { candidates: [wasm()], fallbacks: [], machine: 'a test' };
  const { chosen } = await chooseEngine(choosing);
  const known = JSON.parse(JSON.stringify(chosen?.choice));
  const measuredMs = now;
  expect((await chosenBefore(known, choosing))?.choice).toEqual(known);
  expect(now).toBe(measuredMs);
  const others = { release: '0', machine: 'another', version: '2', device: 'another', engine: 'gone' };
  for (const [key, value] of Object.entries(others))
    expect(await chosenBefore({ ...known, [key]: value }, choosing), key).toBeNull();
  const unloadable = { ...choosing, candidates: [failing('wasm', new Error('no network'))] };
  expect(await chosenBefore(known, unloadable)).toBeNull();
});

test('a choice is kept once; after an engine failed it is forgotten, and the next one is not kept', async () => {
  const told: FromWorker[] = [];
  const engines = { candidates: [wasm(), gpu(() => 0.1)], fallbacks: [], machine: 'a test' };
  const selection = new Selection({ ...engines, report: (message) => told.push(message) });
  await selection.begin(null);
  const first = told.find((message) => message.type === 'engine');
  expect(first).toMatchObject({ keep: true, isStored: false, choice: { engine: 'webgpu' } });
  await selection.next();
  expect(told.filter(({ type }) => type.startsWith('engine')).slice(1)).toMatchObject([
    { type: 'engine-failed', engine: 'webgpu' },
    { type: 'engine', keep: false, choice: { engine: 'wasm' } },
  ]);
  expect([selection.failed, selection.current.engine.name]).toEqual([1, 'wasm']);
  await expect(selection.next()).rejects.toThrow('No engine works here');
  // A benchmark that finds nothing leaves what there is.
  await selection.measure();
  expect(selection.current.engine.name).toBe('wasm');

  const again = new Selection({ ...engines, report: (message) => told.push(message) });
  await again.begin(first?.type === 'engine' ? first.choice : null);
  expect(told.at(-1)).toMatchObject({ type: 'engine', isStored: true, keep: false });
});
