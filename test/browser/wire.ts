// What lies between a volunteer and the server, made to fail on purpose: calls for work are listened to, and may be
// refused, cut off, or robbed of their answers.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ExchangeReply, ExchangeRequest } from '../../shared/work.ts';

/** An exchange over HTTP, as the volunteer asked and the server answered. */
export interface Heard {
  asked: ExchangeRequest;
  /** Null where the server never heard the question. */
  told: ExchangeReply | null;
}

/** pass: nothing happens. lose: the server answers, and nobody hears it. outdated: 426, and the server hears nothing. */
export type Fate = 'pass' | 'lose' | 'outdated';

export interface Wire {
  /** Where volunteers reach the server through here. */
  url: string;
  /** Oldest first. */
  exchanges: Heard[];
  /** Sweeps that a WebSocket was opened to, and those it was refused for. */
  opened: string[];
  refused: string[];
  /** Asked before every exchange goes on to the server. */
  fateOf: (asked: ExchangeRequest) => Fate | Promise<Fate>;
  /** Whether a sweep may be spoken to over a WebSocket. */
  allowsSocket: (sweepId: string) => boolean;
}

const OUTDATED = { error: { code: 'version', message: 'This server speaks a newer version.' } };
const EXCHANGE = '/api/work/exchange';

/** Runs the body with a wire to the server. Without a wish, everything passes but WebSockets. */
export async function withWire<T>(target: string, body: (wire: Wire) => Promise<T>): Promise<T> {
  const sockets = new Set<Duplex>();
  const wire: Wire = {
    url: '',
    ...{ exchanges: [], opened: [], refused: [] },
    fateOf: () => 'pass',
    allowsSocket: () => false,
  };
  const server = createServer((asked, answer) => void pass(wire, target, asked, answer));
  server.on('connection', (socket) => sockets.add(socket));
  server.on('upgrade', (asked, near, head) => {
    const sweepId = asked.url?.split('/').at(-1) ?? '';
    const isAllowed = wire.allowsSocket(sweepId);
    (isAllowed ? wire.opened : wire.refused).push(sweepId);
    if (isAllowed) sockets.add(join(target, asked, near, head));
    else near.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  wire.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  try {
    return await body(wire);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Passes one call on, and its answer back, byte by byte. A server that is away is a connection that breaks. */
async function pass(
  wire: Wire,
  target: string,
  asked: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const cut = () => answer.destroy();
  try {
    const body = await whole(asked);
    const isExchange = asked.url === EXCHANGE;
    const heard: Heard = { asked: isExchange ? JSON.parse(String(body)) : null, told: null };
    const fate = isExchange ? await wire.fateOf(heard.asked) : 'pass';
    if (isExchange) wire.exchanges.push(heard);
    if (fate === 'outdated') {
      answer.writeHead(426, { 'content-type': 'application/json' }).end(JSON.stringify(OUTDATED));
      return;
    }
    const { method = 'GET', url, headers } = asked;
    const forward = request(new URL(url ?? '/', target), {
      method,
      headers: { ...headers, host: new URL(target).host, 'accept-encoding': 'identity' },
    });
    forward.end(body);
    const reply = await new Promise<IncomingMessage>((resolve, reject) =>
      forward.once('response', resolve).once('error', reject),
    );
    const bytes = await whole(reply);
    if (isExchange && reply.statusCode === 200) heard.told = JSON.parse(String(bytes));
    if (fate === 'lose') cut();
    else answer.writeHead(reply.statusCode ?? 502, reply.headers).end(bytes);
  } catch {
    cut();
  }
}

async function whole(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Joins a WebSocket with one of the server's. */
function join(target: string, { url, headers }: IncomingMessage, near: Duplex, head: Buffer): Socket {
  const { hostname, port, host } = new URL(target);
  const far = connect(Number(port), hostname);
  const lines = Object.entries({ ...headers, host }).map(([name, value]) => `${name}: ${value}`);
  far.write(`GET ${url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  far.write(head);
  far.pipe(near).pipe(far);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
  return far;
}
