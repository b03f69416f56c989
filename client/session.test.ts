import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EngineChoice, FromWorker, ToWorker } from './engine/messages.ts';
import { createSession } from './session.ts';

const identify = vi.hoisted(() => vi.fn());
vi.mock('./identity.ts', () => ({ identify, keepConsent: () => {}, forgetIdentity: () => {} }));

class FakeWorker {
  static all: FakeWorker[] = [];
  told: ToWorker['type'][] = [];
  last: ToWorker | null = null;
  isEnded = false;
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  constructor() {
    FakeWorker.all.push(this);
  }
  postMessage(message: ToWorker) {
    this.told.push(message.type);
    this.last = message;
  }
  terminate() {
    this.isEnded = true;
  }
  says(data: FromWorker) {
    this.onmessage?.({ data });
  }
}

const options = { prefers: null, name: null };
const known = { token: 't', deviceId: 'd' };
const phase = (name: 'training' | 'stopped'): FromWorker => ({ type: 'phase', phase: name, words: name });

beforeEach(() => {
  FakeWorker.all = [];
  vi.stubGlobal('Worker', FakeWorker);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('Start, Stop and Start while registering make one worker, and Stop ends it', async () => {
  const replies: ((identity: typeof known) => void)[] = [];
  identify.mockImplementation(() => new Promise((resolve) => replies.push(resolve)));
  const session = createSession();
  const first = session.start(options);
  session.stop();
  const second = session.start(options);
  for (const reply of replies) reply(known);
  await Promise.all([first, second]);
  expect(FakeWorker.all.map(({ told }) => told)).toEqual([['start']]);
  session.stop();
  vi.runAllTimers();
  expect(session.state.value.status).toBe('off');
  expect(FakeWorker.all[0]?.isEnded).toBe(true);
});

test('a registration that fails after Stop is no problem of the next start', async () => {
  identify.mockRejectedValueOnce(new Error('unreachable')).mockResolvedValueOnce(known);
  const session = createSession();
  const first = session.start(options);
  session.stop();
  await Promise.all([first, session.start(options)]);
  expect(session.state.value).toMatchObject({ status: 'on', problem: null });
});

test('what a worker says after it was ended is not heard', async () => {
  identify.mockResolvedValue(known);
  const session = createSession();
  await session.start(options);
  FakeWorker.all[0]?.says(phase('stopped'));
  await session.start(options);
  FakeWorker.all[0]?.says(phase('stopped'));
  expect(session.state.value.status).toBe('on');
  FakeWorker.all[1]?.says(phase('training'));
  expect(session.state.value.phase).toBe('training');
});

test('the engine that was chosen is handed to the worker of the next start, until it fails or is measured again', async () => {
  identify.mockResolvedValue(known);
  const storage = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => storage.set(key, value),
    removeItem: (key: string) => storage.delete(key),
  });
  const choice: EngineChoice = {
    ...{ engine: 'wasm', version: '1', device: 'processor', replicas: 2, msPerStep: 0.1, flopsPerSecond: 1 },
    ...{ trials: [], measuredAtMs: 1, release: '1', machine: '' },
  };
  const session = createSession();
  /** Starts, hears the worker say so, and ends; what the worker was told is known of the engine. */
  const visit = async (...says: FromWorker[]) => {
    await session.start(options);
    const worker = FakeWorker.all.at(-1) as FakeWorker;
    const { last } = worker;
    for (const message of [...says, phase('stopped')]) worker.says(message);
    return last?.type === 'start' ? last.known : undefined;
  };
  const engine = { type: 'engine', choice, isStored: false } as const;
  expect(await visit({ ...engine, keep: false })).toBeNull();
  expect(await visit({ ...engine, keep: true })).toBeNull();
  expect(await visit({ type: 'engine-failed', engine: 'wasm' })).toEqual(choice);
  expect(await visit({ ...engine, keep: true })).toBeNull();
  session.measure();
  expect(await visit({ ...engine, keep: true })).toBeNull();
  expect(await visit()).toEqual(choice);
  storage.set('tabgrad.engine', '{"engine":5}');
  expect(await visit()).toBeNull();
});
