import { expect, test, vi } from 'vitest';
import type { SocketRequest } from '../../shared/work.ts';
import { FakeWorkServer, SWEEP } from '../../test/fake-work-server.ts';
import type { Exchange } from './server.ts';
import { type SocketLike, withSocket } from './socket-server.ts';

const ask = (more: Partial<Exchange> = {}): Exchange => ({
  ...{ results: [], wantsUnit: true, holds: null, prefers: null, flopsPerSecond: 1, replicas: 1 },
  ...more,
});
const beat = { sweepId: SWEEP, unit: 0, progress: 1, runs: [] };
const lease = { sweepId: SWEEP, unit: 1 };
const reply = { version: 2, verdicts: [], lease, askAgainMs: 0, allDone: false, busy: false };

class FakeSocket implements SocketLike {
  readyState = 0;
  isClosed = false;
  readonly sent: SocketRequest[] = [];
  private readonly listeners = new Map<string, (event: { data: unknown }) => void>();
  addEventListener(type: string, listener: (event: { data: unknown }) => void) {
    this.listeners.set(type, listener);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.isClosed = true;
  }
  happens(type: 'close' | 'error') {
    this.listeners.get(type)?.({ data: null });
  }
  says(data: unknown) {
    this.listeners.get('message')?.({ data });
  }
  /** Answers the newest message. */
  answers(body: object | null) {
    this.says(JSON.stringify({ id: this.sent.at(-1)?.id, ok: body !== null, ...(body ? { body } : {}) }));
  }
}

const CHOSEN = { sweepId: SWEEP, researcher: null };

/** A server over both ways, after the first exchange gave a lease; the socket is open unless told otherwise. */
async function connected({ open = true } = {}) {
  const http = new FakeWorkServer();
  const sockets: FakeSocket[] = [];
  const opened: [string, string[]][] = [];
  let nowMs = 0;
  const identity = { token: 'v1.a.b', deviceId: 'd'.repeat(32) };
  const server = withSocket(http, identity, {
    open: (sweepId, protocols) => {
      opened.push([sweepId, protocols]);
      sockets.push(new FakeSocket());
      return sockets.at(-1) as FakeSocket;
    },
    ...{ answerMs: 1000, retryMs: 5000, nowMs: () => nowMs },
  });
  await server.exchange(ask());
  const socket = sockets[0] as FakeSocket;
  if (open) socket.readyState = 1;
  http.calls.length = 0;
  const later = (ms: number) => {
    nowMs += ms;
  };
  return { http, server, socket, sockets, opened, later };
}

test('after a lease over HTTP, heartbeats and exchanges of its sweep go over a socket', async () => {
  const { http, server, socket, opened } = await connected();
  expect(opened).toEqual([[SWEEP, ['tabgrad.2', 'v1.a.b']]]);
  const leased = server.heartbeat(beat);
  expect(socket.sent[0]).toMatchObject({ type: 'heartbeat', body: { ...beat, version: 2 } });
  socket.answers({ leased: false, leaseMs: 1 });
  expect(await leased).toBe(false);
  const exchanged = server.exchange(ask({ wantsUnit: false }));
  socket.answers(reply);
  expect(await exchanged).toEqual(reply);
  expect(http.calls).toEqual([]);
});

test('which sweep comes next is asked over HTTP, unless this one was chosen', async () => {
  const { http, server, socket } = await connected();
  await server.exchange(ask());
  expect([http.calls, socket.sent]).toEqual([['exchange'], []]);
  const exchanged = server.exchange(ask({ prefers: CHOSEN }));
  socket.answers(reply);
  expect(await exchanged).toEqual(reply);
  expect(http.calls).toEqual(['exchange']);
});

test('answers are told apart by their numbers, whatever their order', async () => {
  const { server, socket } = await connected();
  const both = [server.heartbeat(beat), server.heartbeat(beat)];
  const [first, second] = socket.sent;
  socket.says(JSON.stringify({ id: second?.id, ok: true, body: { leased: false } }));
  socket.says(JSON.stringify({ id: first?.id, ok: true, body: { leased: true } }));
  expect(await Promise.all(both)).toEqual([true, false]);
});

test.each<[string, (socket: FakeSocket) => void]>([
  ['is closed', (socket) => socket.happens('close')],
  ['breaks', (socket) => socket.happens('error')],
  ['talks nonsense', (socket) => socket.says('{')],
  ['refuses', (socket) => socket.answers(null)],
])('a socket that %s is not missed: the question is asked over HTTP', async (_, trouble) => {
  const { http, server, socket } = await connected();
  const leased = server.heartbeat(beat);
  trouble(socket);
  expect(await leased).toBe(true);
  expect(http.calls).toEqual(['heartbeat']);
});

test('a socket that does not answer is given up after a while, and another is tried later', async () => {
  vi.useFakeTimers();
  const { http, server, sockets, later } = await connected();
  const leased = server.heartbeat(beat);
  await vi.advanceTimersByTimeAsync(1001);
  expect(await leased).toBe(true);
  expect(sockets[0]?.isClosed).toBe(true);
  await server.heartbeat(beat);
  expect(sockets).toHaveLength(1);
  later(5000);
  await server.heartbeat(beat);
  expect([sockets.length, http.calls.length]).toEqual([2, 3]);
  vi.useRealTimers();
});

test('while it is not open yet, and where there are no sockets, everything goes over HTTP', async () => {
  const { http, server, socket } = await connected({ open: false });
  await server.heartbeat(beat);
  await server.exchange(ask());
  expect([http.calls, socket.sent]).toEqual([['heartbeat', 'exchange'], []]);
  const bare = withSocket(http, { token: 't', deviceId: 'd' }, { open: null });
  expect((await bare.exchange(ask())).lease).not.toBeNull();
});

test('a sweep that has no work any more is left for whatever HTTP finds, without sending results twice', async () => {
  const { http, server, socket } = await connected();
  const result = { sweepId: SWEEP, run: 0, to: 4 } as never;
  const exchanged = server.exchange(ask({ results: [result], prefers: CHOSEN }));
  const verdict = { sweepId: SWEEP, run: 0, to: 4, verdict: 'accepted', code: null, message: null };
  socket.answers({ ...reply, lease: null, verdicts: [verdict] });
  const { verdicts, lease: found } = await exchanged;
  expect(verdicts).toEqual([verdict]);
  expect(found).toMatchObject({ unit: 0 });
  expect(http.requests.at(-1)).toMatchObject({ results: [], wantsUnit: true });
});

test('what the socket has no verdict for, and results of other sweeps, go over HTTP', async () => {
  const { http, server, socket } = await connected();
  const other = { sweepId: 'other-00000000', run: 0, to: 4, curve: '', from: 1 } as never;
  await server.exchange(ask({ results: [other] }));
  expect(socket.sent).toEqual([]);
  const mine = { sweepId: SWEEP, run: 5, to: 4, curve: '', from: 1 } as never;
  const exchanged = server.exchange(ask({ results: [mine], prefers: CHOSEN }));
  socket.answers(reply);
  expect(await exchanged).toMatchObject({ lease, verdicts: [{ run: 5, verdict: 'unneeded' }] });
  expect(http.requests.at(-1)).toMatchObject({ wantsUnit: false });
});

test('a busy sweep is not gone around', async () => {
  const { http, server, socket } = await connected();
  const exchanged = server.exchange(ask({ prefers: CHOSEN }));
  socket.answers({ ...reply, lease: null, busy: true });
  expect(await exchanged).toMatchObject({ busy: true });
  expect(http.calls).toEqual([]);
});

test('states always go over HTTP, and so does a hand-back once the socket is gone', async () => {
  const { http, server, socket } = await connected();
  await server.getState('0'.repeat(64));
  const why = { why: 'left', run: null, reason: 'gone' } as const;
  const first = server.handBack({ sweepId: SWEEP, unit: 0 }, why);
  socket.answers({ ok: true });
  await first;
  server.close();
  expect(socket.isClosed).toBe(true);
  await server.handBack({ sweepId: SWEEP, unit: 0 }, why);
  expect(http.calls).toEqual(['get', 'hand-back']);
});

test('a line that is given up, as when the network is gone, leaves no question waiting; the next lease opens another', async () => {
  const { http, server, socket, opened } = await connected();
  const leased = server.heartbeat(beat);
  expect(socket.sent).toHaveLength(1);
  server.close();
  await leased;
  expect([http.calls, socket.isClosed]).toEqual([['heartbeat'], true]);
  await server.exchange(ask());
  expect(opened).toHaveLength(2);
});
