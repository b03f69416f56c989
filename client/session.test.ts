import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FromWorker, ToWorker } from './engine/messages.ts';
import { createSession } from './session.ts';

const identify = vi.hoisted(() => vi.fn());
vi.mock('./identity.ts', () => ({ identify, keepConsent: () => {}, forgetIdentity: () => {} }));

class FakeWorker {
  static all: FakeWorker[] = [];
  told: ToWorker['type'][] = [];
  isEnded = false;
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  constructor() {
    FakeWorker.all.push(this);
  }
  postMessage({ type }: ToWorker) {
    this.told.push(type);
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
