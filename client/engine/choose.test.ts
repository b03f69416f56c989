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

/** An engine on which one step of so many replicas takes a given time, by a clock of our own. */
function timed(name: string, stepMs: (replicas: number) => number, replicasMax = 1e9): Engine {
  const engine = fakeEngine({ name, replicasMax });
  return {
    ...engine,
    async prepare(trainings) {
      const session = await engine.prepare(trainings);
      const { advance } = session;
      session.advance = (until, at) => {
        now += (until - session.stepsDone) * stepMs(trainings.length);
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
const gpu = (stepMs: (replicas: number) => number) => candidate(timed('webgpu', stepMs), [1, 4, 16, 64]);

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

test('an engine that is hopelessly slow is given up on after one chunk', async () => {
  const { chosen, trials } = await choose([wasm(), gpu((r) => 30 * r)]);
  expect(chosen?.engine.name).toBe('wasm');
  expect(trials[1]).toMatchObject({ rates: [], problem: 'more than five times slower here' });
  expect(now).toBeLessThan(500);
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
    timed('webgpu', () => 0.1, 4),
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
