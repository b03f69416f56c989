// A connection of one volunteer, as thin as HTTP/1.1 allows: the load and the server share the same few cores, and
// what the load takes is missing from what is measured.

import { connect, type Socket } from 'node:net';

export interface Reply {
  status: number;
  body: unknown;
}

/** One volunteer's way to the server, whatever it runs over; one question at a time. */
export interface Link {
  /** Rejects when the connection is lost; the link is of no use afterwards. */
  ask(path: string, body: string): Promise<Reply>;
  close(): void;
}

/** Opens a way to a server for whoever holds a token; null for those who hold none yet. */
export type OpenLink = (origin: string, token: string | null) => Link;

const HOST = '127.0.0.1';

/** The port of a server on this machine; throws for any other, as the load is not for strangers. */
export function localPort(origin: string): number {
  const { protocol, hostname, port } = new URL(origin);
  if (protocol !== 'http:' || hostname !== HOST || port === '')
    throw new Error(`the load benchmark drives servers at http://${HOST}:PORT only, not ${origin}`);
  return Number(port);
}

export const openHttp: OpenLink = (origin, token) => new HttpLink(localPort(origin), token);

class HttpLink implements Link {
  private readonly socket: Socket;
  private readonly head: string;
  private waiting: PromiseWithResolvers<Reply> | null = null;
  private lost: Error | null = null;
  private received: Buffer = Buffer.alloc(0);

  constructor(port: number, token: string | null) {
    const authorization = token === null ? '' : `authorization: Bearer ${token}\r\n`;
    this.head = `HTTP/1.1\r\nhost: ${HOST}:${port}\r\ncontent-type: application/json\r\n${authorization}`;
    this.socket = connect({ host: HOST, port, noDelay: true });
    this.socket.on('data', (bytes) => this.take(bytes));
    this.socket.on('error', (error) => this.fail(error));
    this.socket.on('close', () => this.fail(new Error('the connection was closed')));
  }

  ask(path: string, body: string): Promise<Reply> {
    if (this.lost) return Promise.reject(this.lost);
    if (this.waiting) throw new Error('one question at a time');
    this.waiting = Promise.withResolvers();
    const length = `content-length: ${Buffer.byteLength(body)}\r\n\r\n`;
    this.socket.write(`POST ${path} ${this.head}${length}${body}`);
    return this.waiting.promise;
  }

  close(): void {
    this.socket.destroy();
  }

  private take(bytes: Buffer): void {
    this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes]);
    try {
      const reply = readReply(this.received);
      if (!reply || !this.waiting) return;
      const { waiting } = this;
      this.waiting = null;
      this.received = Buffer.alloc(0);
      waiting.resolve(reply);
    } catch (error) {
      this.fail(error as Error);
      this.close();
    }
  }

  private fail(error: Error): void {
    this.lost ??= error;
    this.waiting?.reject(this.lost);
    this.waiting = null;
  }
}

/** The reply the bytes hold; null while it is not complete. Throws when it has no length or is not JSON. */
export function readReply(bytes: Buffer): Reply | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const head = bytes.toString('latin1', 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`a reply without a length: ${head.split('\r\n')[0]}`);
  const from = end + 4;
  if (bytes.length < from + Number(length)) return null;
  const text = bytes.toString('utf8', from, from + Number(length));
  return { status: Number(head.slice(9, 12)), body: JSON.parse(text) };
}
