// A device's WebSocket to the dispatcher of one stripe. It sleeps with its object: all that must be known of it is
// attached to it. What it says is read, judged and worded as over HTTP.

import { LIMITS } from '../../shared/limits.ts';
import { VERSION } from '../../shared/protocol.ts';
import type { ExchangeReply, ExchangeRequest, HeldUnit, SocketRequest } from '../../shared/work.ts';
import { deletedVolunteer, SOCKET_PROTOCOL } from '../auth.ts';
import { type Env, leaseMsOf } from '../env.ts';
import { busy, Refusal, refusalOf } from '../errors.ts';
import { isGone } from '../gone.ts';
import { readSocketMessage, unpacked } from '../messages.ts';
import { noteRefusals } from '../refused.ts';
import type { Dispatcher } from './object.ts';

/** Whose socket it is and where it leads; the Worker has checked both. */
export interface Visitor {
  volunteerId: string;
  sweepId: string;
  stripe: number;
  stripes: number;
}

/** Messages of one socket that may wait for their answers. */
const PENDING_MAX = 16;
const ASK_AGAIN_MS = 2000;
const HEADER = 'x-visitor';

/** The request with which the Worker hands a socket to the dispatcher. */
export const handedOver = (visitor: Visitor): Request =>
  new Request('https://dispatcher/', {
    headers: { upgrade: 'websocket', [HEADER]: JSON.stringify(visitor) },
  });

/** Takes over a socket that `handedOver` brings. */
export function acceptSocket(ctx: DurableObjectState, request: Request): Response {
  const visitor: Visitor = JSON.parse(request.headers.get(HEADER) ?? 'null');
  if (!visitor) return new Response(null, { status: 400 });
  const { 0: theirs, 1: ours } = new WebSocketPair();
  ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
  ctx.acceptWebSocket(ours);
  ours.serializeAttachment(visitor);
  const headers = { 'sec-websocket-protocol': SOCKET_PROTOCOL };
  return new Response(null, { status: 101, webSocket: theirs, headers });
}

const pending = new WeakMap<WebSocket, number>();

/** Answers one message. What is too large or no message at all ends the socket. Never throws. */
export async function answerMessage(
  dispatcher: Pick<Dispatcher, 'exchange' | 'heartbeat' | 'handBack'>,
  env: Env,
  socket: WebSocket,
  message: string | ArrayBuffer,
): Promise<void> {
  if (typeof message !== 'string') return socket.close(1003, 'text only');
  if (message.length > LIMITS.exchangeBytesMax) return socket.close(1009, 'too large');
  const read = readSocketMessage(message);
  if (read.id === null) return socket.close(1007, 'not a message');
  const waiting = pending.get(socket) ?? 0;
  pending.set(socket, waiting + 1);
  const answer = await (async () => {
    if (waiting >= PENDING_MAX) throw busy();
    return { ok: true, body: await bodyFor(dispatcher, env, visitorOf(socket), read.request()) };
  })().catch((error) => {
    const { code, message: words, problems } = refusalOf(error);
    if (code === 'internal') console.error(error);
    return { ok: false, error: { code, message: words, ...(problems ? { problems } : {}) } };
  });
  pending.set(socket, (pending.get(socket) ?? 1) - 1);
  try {
    socket.send(JSON.stringify({ id: read.id, ...answer }));
  } catch {
    // It is gone; what it was to be told it will ask again.
  }
}

const visitorOf = (socket: WebSocket): Visitor => socket.deserializeAttachment();

async function bodyFor(
  dispatcher: Pick<Dispatcher, 'exchange' | 'heartbeat' | 'handBack'>,
  env: Env,
  visitor: Visitor,
  { type, body }: SocketRequest,
): Promise<object> {
  const at = { sweepId: visitor.sweepId, stripe: visitor.stripe };
  const { volunteerId } = visitor;
  if (await isGone(env, volunteerId)) throw deletedVolunteer();
  const device = { volunteerId, deviceId: body.deviceId };
  if (type === 'exchange') {
    const reply = await exchanged(dispatcher, visitor, body);
    await noteRefusals(env, volunteerId, reply.verdicts, Date.now());
    return reply;
  }
  if (!isHere(visitor, body))
    throw new Refusal('bad-request', 'This unit is another dispatcher’s: speak of it over HTTP.');
  if (type === 'heartbeat') {
    const leased = await dispatcher.heartbeat(at, device, body);
    if (leased === null) throw noSuchSweep();
    return { leased, leaseMs: leaseMsOf(env) };
  }
  const ok = await dispatcher.handBack(at, device, body.unit, body);
  if (ok === null) throw noSuchSweep();
  return { ok };
}

/** What belongs elsewhere gets no verdict: it is kept by its device. */
async function exchanged(
  dispatcher: Pick<Dispatcher, 'exchange'>,
  visitor: Visitor,
  { results, wantsUnit, deviceId, flopsPerSecond, replicas }: ExchangeRequest,
): Promise<ExchangeReply> {
  const { volunteerId, sweepId, stripe } = visitor;
  const mine = results.filter((result) => isHere(visitor, result));
  const reply = await dispatcher.exchange(
    { sweepId, stripe },
    {
      ...{ volunteerId, deviceId },
      results: mine.map(unpacked),
      wants: wantsUnit ? { flopsPerSecond, replicas, continues: true } : null,
    },
  );
  if (reply === null) throw noSuchSweep();
  const told = reply === 'busy' ? NOTHING : reply;
  return {
    version: VERSION,
    verdicts: told.verdicts.flatMap((verdict, i) => {
      const { run, to } = mine[i] as (typeof mine)[number];
      return verdict ? [{ sweepId, run, to, ...verdict }] : [];
    }),
    lease: told.lease,
    askAgainMs: told.lease ? 0 : Math.round(ASK_AGAIN_MS * (1 + Math.random())),
    // One stripe cannot know of the others.
    allDone: false,
    busy: reply === 'busy',
  };
}

const NOTHING = { verdicts: [], lease: null };
const noSuchSweep = () => new Refusal('no-such-lease', 'There is no such sweep.');

const isHere = ({ sweepId, stripe, stripes }: Visitor, asked: HeldUnit): boolean =>
  asked.sweepId === sweepId && asked.unit % stripes === stripe;
