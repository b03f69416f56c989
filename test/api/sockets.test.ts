import { evictDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { LIMITS } from '../../shared/limits.ts';
import { VERSION } from '../../shared/protocol.ts';
import type { MeReply } from '../../shared/volunteers.ts';
import type { ExchangeReply, Lease } from '../../shared/work.ts';
import { ownStripe } from '../../worker/places.ts';
import { Hand } from './hand.ts';
import { call, dispatcher, FAST, newSweep, own, resultOf, runsOf, Volunteer } from './world.ts';

interface Answer {
  id: number;
  ok: boolean;
  body?: unknown;
  error?: { code: string; message: string };
}

const upgrade = (sweepId: string, protocol: string) =>
  call(`/api/work/socket/${sweepId}`, {
    headers: { upgrade: 'websocket', 'sec-websocket-protocol': protocol },
  });

/** A socket that asks and waits for the answer with the same number. */
class Line {
  readonly closed = Promise.withResolvers<number>();
  private readonly socket: WebSocket;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private plain = Promise.withResolvers<string>();
  private asked = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.accept();
    socket.addEventListener('message', ({ data }) => this.take(String(data)));
    socket.addEventListener('close', ({ code }) => this.closed.resolve(code));
  }

  static async open(who: Volunteer, sweepId: string): Promise<Line> {
    const { webSocket } = await upgrade(sweepId, `tabgrad.2, ${who.token}`);
    if (!webSocket) throw new Error('no socket was opened');
    return new Line(webSocket);
  }

  ask(type: string, body: object): Promise<Answer> {
    const id = this.asked++;
    const answer = new Promise<Answer>((resolve) => this.waiting.set(id, resolve));
    this.socket.send(JSON.stringify({ type, id, body }));
    return answer;
  }

  async exchange(who: Volunteer, ask: Parameters<Volunteer['request']>[0]): Promise<ExchangeReply> {
    const { ok, body, error } = await this.ask('exchange', who.request(ask));
    if (!ok) throw new Error(error?.message);
    return body as ExchangeReply;
  }

  send(data: string | ArrayBuffer): Promise<string> {
    this.plain = Promise.withResolvers();
    this.socket.send(data);
    return this.plain.promise;
  }

  close(): void {
    this.socket.close(1000);
  }

  private take(text: string): void {
    if (!text.startsWith('{')) return this.plain.resolve(text);
    const answer: Answer = JSON.parse(text);
    this.waiting.get(answer.id)?.(answer);
    this.waiting.delete(answer.id);
  }
}

let id: string;
let volunteer: Volunteer;
let line: Line;
let number = 0;

beforeEach(async () => {
  id = await newSweep(`sockets-${number++}`);
  volunteer = await Volunteer.join();
  line = await Line.open(volunteer, id);
});

const said = ({ sweepId, unit }: Pick<Lease, 'sweepId' | 'unit'>, more: object = {}) => ({
  ...{ version: VERSION, deviceId: volunteer.deviceId, sweepId, unit },
  ...more,
});

describe('over a WebSocket', () => {
  test('what was refused is noted for the volunteer’s own page', async () => {
    await line.exchange(volunteer, { results: [resultOf({ sweepId: id, unit: 999 }, 3)] });
    const mine = (await (await own('GET', '/api/me', volunteer.token)).json()) as MeReply;
    expect(mine.refused).toMatchObject([{ sweepId: id, run: 3, code: 'no-such-lease' }]);
  });

  test('who deletes themselves is not listened to any more, also on a socket that was open before', async () => {
    expect((await line.ask('exchange', volunteer.request({}))).ok).toBe(true);
    vi.useFakeTimers({ toFake: ['Date'] });
    await own('DELETE', '/api/me', volunteer.token);
    vi.setSystemTime(Date.now() + 10_001);
    const answer = await line.ask('exchange', volunteer.request({ wantsUnit: true }));
    vi.useRealTimers();
    expect(answer).toMatchObject({ ok: false, error: { code: 'unauthorized' } });
    expect((await upgrade(id, `tabgrad.2, ${volunteer.token}`)).status).toBe(401);
  });

  test('a whole sweep is leased and delivered as over HTTP', async () => {
    const { lease } = await line.exchange(volunteer, { wantsUnit: true, flopsPerSecond: FAST });
    if (!lease) throw new Error('no lease');
    expect([lease.sweepId, runsOf(lease)]).toEqual([id, [0, 1, 2, 3, 4, 5, 6, 7]]);
    expect((await volunteer.lease(id, FAST)).unit).toBe(lease.unit);
    const results = runsOf(lease).map((run) => resultOf(lease, run));
    const { verdicts, ...rest } = await line.exchange(volunteer, { results, wantsUnit: true });
    expect(verdicts).toEqual(await volunteer.deliver(...results));
    expect(rest).toMatchObject({ version: VERSION, lease: null, busy: false, allDone: false });
    expect(rest.askAgainMs).toBeGreaterThan(0);
  });

  test('a lease is kept and given back', async () => {
    const lease = await volunteer.lease(id);
    const beat = () => line.ask('heartbeat', said(lease, { progress: 1, runs: [] }));
    expect(await beat()).toMatchObject({ ok: true, body: { leased: true, leaseMs: LIMITS.leaseMs } });
    const back = said(lease, { why: 'left', run: null, reason: 'enough' });
    expect(await line.ask('hand-back', back)).toMatchObject({ ok: true, body: { ok: true } });
    expect(await beat()).toMatchObject({ ok: true, body: { leased: false } });
  });

  test('what belongs to another sweep gets no verdict, and is kept', async () => {
    const other = await newSweep(`elsewhere-${number++}`);
    const [here, there] = [await volunteer.lease(id), await volunteer.another().lease(other)];
    const results = [resultOf(there, 0), resultOf(here, 0)];
    const { verdicts } = await line.exchange(volunteer, { results });
    expect(verdicts.map(({ sweepId, verdict }) => [sweepId, verdict])).toEqual([[id, 'accepted']]);
    const beat = await line.ask('heartbeat', said(there, { progress: 0, runs: [] }));
    expect(beat).toMatchObject({ ok: false, error: { code: 'bad-request' } });
  });

  test('nothing is said of a unit of another stripe of the sweep', async () => {
    const striped = await newSweep(`two-stripes-${number++}`, {}, { stripes: 2 });
    const stripe = 1 - ownStripe(volunteer.id, 2);
    const other = new Hand(volunteer.id, volunteer.deviceId);
    const { unit, runs } = await other.lease({ sweepId: striped, stripe });
    const lone = await Line.open(volunteer, striped);
    const there = { sweepId: striped, unit };
    for (const [type, more] of [
      ['heartbeat', { progress: 1, runs: [] }],
      ['hand-back', { why: 'left', run: null, reason: 'enough' }],
    ] as const)
      expect(await lone.ask(type, said(there, more))).toMatchObject({
        ok: false,
        error: { code: 'bad-request' },
      });
    const results = [resultOf(there, runs[0]?.run ?? -1)];
    expect((await lone.exchange(volunteer, { results })).verdicts).toEqual([]);
    expect(await volunteer.deliver(...results)).toMatchObject([{ verdict: 'accepted' }]);
  });

  test('any number of messages is answered, one after the other', async () => {
    const results = [resultOf(await volunteer.lease(id), 0)];
    for (let i = 0; i < 40; i++)
      expect((await line.exchange(volunteer, { results })).verdicts).toHaveLength(1);
  });

  test('every ping is answered', async () => {
    expect(await line.send('ping')).toBe('pong');
  });

  test('the line outlives the dispatcher it leads to', async () => {
    const lease = await volunteer.lease(id);
    await evictDurableObject(dispatcher(id));
    const { verdicts } = await line.exchange(volunteer, { results: [resultOf(lease, 0)] });
    expect(verdicts[0]?.verdict).toBe('accepted');
  });

  test.each([
    ['a body that does not fit', 'exchange', { version: VERSION }, 'bad-request'],
    ['a message of no known type', 'greeting', { version: VERSION }, 'bad-request'],
    ['another version', 'exchange', { version: VERSION + 1 }, 'version'],
    ['the version before, which knew no sockets', 'exchange', { version: VERSION - 1 }, 'version'],
  ])('%s is refused under its number', async (_, type, body, code) => {
    expect(await line.ask(type, body)).toMatchObject({ id: 0, ok: false, error: { code } });
    expect(await line.send('ping')).toBe('pong');
  });

  test.each([
    ['no JSON', 'hello', 1007],
    ['no number', JSON.stringify({ type: 'exchange', body: {} }), 1007],
    ['more than a message may have', 'x'.repeat(LIMITS.exchangeBytesMax + 1), 1009],
    ['bytes', new ArrayBuffer(8), 1003],
  ])('%s ends the line', async (_, data, code) => {
    line.send(data);
    expect(await line.closed.promise).toBe(code);
  });

  test('only so many messages of one line may wait; every one is answered', async () => {
    const lease = await volunteer.lease(id, FAST);
    const results = [resultOf(lease, 0)];
    const asks = Array.from({ length: 100 }, () => line.ask('exchange', volunteer.request({ results })));
    const answers = await Promise.all(asks);
    const refused = answers.filter(({ ok }) => !ok);
    expect(answers.map((answer) => answer.id)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(100);
    expect(new Set(refused.map(({ error }) => error?.code))).toEqual(new Set(['busy']));
  });
});

test.each([
  ['without a token', () => 'tabgrad.2', 401],
  ['with a token alone', (token: string) => token, 401],
  ['with a broken token', (token: string) => `tabgrad.2, ${token.slice(0, -4)}AAAA`, 401],
  ['of another version', (token: string) => `tabgrad.1, ${token}`, 401],
])('no line is opened %s', async (_, protocol, status) => {
  expect((await upgrade(id, protocol(volunteer.token))).status).toBe(status);
});

test('no line is opened to a sweep that does not exist, nor without asking for one', async () => {
  const protocol = `tabgrad.2, ${volunteer.token}`;
  expect((await upgrade('none-00000000', protocol)).status).toBe(404);
  const headers = { 'sec-websocket-protocol': protocol };
  expect((await call(`/api/work/socket/${id}`, { headers })).status).toBe(400);
});

test('a line speaks the protocol of this version', async () => {
  const reply = await upgrade(id, `tabgrad.2, ${volunteer.token}`);
  expect(reply.headers.get('sec-websocket-protocol')).toBe('tabgrad.2');
  reply.webSocket?.accept();
  reply.webSocket?.close();
});
