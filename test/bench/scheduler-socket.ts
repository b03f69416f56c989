// A WebSocket of one volunteer to one sweep, as thin as RFC 6455 allows, for the same reason as in scheduler-http.ts.

import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { VERSION } from '../../shared/protocol.ts';
import { type Link, localPort, type Reply } from './scheduler-http.ts';

const HOST = '127.0.0.1';
const PATH = '/api/work/';

/** Opens a WebSocket to a sweep; what is asked before it is open waits. */
export const openSocket = (origin: string, token: string | null, sweepId: string): Link =>
  new SocketLink(localPort(origin), token ?? '', sweepId);

class SocketLink implements Link {
  private readonly socket: Socket;
  private isOpen = false;
  private asked = 0;
  private unsent: Buffer | null = null;
  private waiting: PromiseWithResolvers<Reply> | null = null;
  private lost: Error | null = null;
  private received: Buffer = Buffer.alloc(0);

  constructor(port: number, token: string, sweepId: string) {
    this.socket = connect({ host: HOST, port, noDelay: true });
    this.socket.on('data', (bytes) => this.take(bytes));
    this.socket.on('error', (error) => this.fail(error));
    this.socket.on('close', () => this.fail(new Error('the connection was closed')));
    const key = randomBytes(16).toString('base64');
    this.socket.write(
      `GET ${PATH}socket/${sweepId} HTTP/1.1\r\nhost: ${HOST}:${port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
        `sec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\nsec-websocket-protocol: tabgrad.${VERSION}, ${token}\r\n\r\n`,
    );
  }

  ask(path: string, body: string): Promise<Reply> {
    if (this.lost) return Promise.reject(this.lost);
    if (this.waiting) throw new Error('one question at a time');
    this.waiting = Promise.withResolvers();
    const { promise } = this.waiting;
    const bytes = frameOf(`{"type":"${path.slice(PATH.length)}","id":${++this.asked},"body":${body}}`);
    if (this.isOpen) this.socket.write(bytes);
    else this.unsent = bytes;
    return promise;
  }

  close(): void {
    this.socket.destroy();
  }

  private take(bytes: Buffer): void {
    this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes]);
    try {
      if (!this.isOpen && !this.opened()) return;
      for (let frame = readFrame(this.received); frame; frame = readFrame(this.received)) {
        this.received = this.received.subarray(frame.length);
        this.answered(JSON.parse(frame.text));
      }
    } catch (error) {
      this.fail(error as Error);
      this.close();
    }
  }

  private opened(): boolean {
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const status = this.received.toString('latin1', 0, end).split('\r\n')[0] ?? '';
    if (!status.startsWith('HTTP/1.1 101 ')) throw new Error(`no WebSocket: ${status}`);
    this.isOpen = true;
    this.received = this.received.subarray(end + 4);
    if (this.unsent) this.socket.write(this.unsent);
    return true;
  }

  private answered({
    id,
    ok,
    body,
    error,
  }: {
    id: number;
    ok: boolean;
    body: unknown;
    error: unknown;
  }): void {
    const { waiting } = this;
    if (!waiting || id !== this.asked) return;
    this.waiting = null;
    waiting.resolve(ok ? { status: 200, body } : { status: 400, body: { error } });
  }

  private fail(error: Error): void {
    this.lost ??= error;
    this.waiting?.reject(this.lost);
    this.waiting = null;
  }
}

const TEXT = 0x81;
const MASKED = 0x80;
const [TWO_BYTES, EIGHT_BYTES] = [126, 127];

/** A whole text message, masked as a client must, with a mask that costs nothing. */
export function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const bytes = payload.length;
  const sizeBytes = bytes < TWO_BYTES ? 0 : bytes < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + sizeBytes + 4);
  head[0] = TEXT;
  head[1] = MASKED | (sizeBytes === 0 ? bytes : sizeBytes === 2 ? TWO_BYTES : EIGHT_BYTES);
  if (sizeBytes === 2) head.writeUInt16BE(bytes, 2);
  if (sizeBytes === 8) head.writeBigUInt64BE(BigInt(bytes), 2);
  return Buffer.concat([head, payload]);
}

/** The first message in the bytes and how many of them it takes; null while it is not complete. Throws for any but text. */
export function readFrame(bytes: Buffer): { text: string; length: number } | null {
  if (bytes.length < 2) return null;
  if (bytes[0] !== TEXT) throw new Error(`a frame that is no text message: ${bytes[0]?.toString(16)}`);
  const short = bytes[1] as number;
  const from = short < TWO_BYTES ? 2 : short === TWO_BYTES ? 4 : 10;
  if (bytes.length < from) return null;
  const size = from === 2 ? short : from === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const length = from + size;
  return bytes.length < length ? null : { text: bytes.toString('utf8', from, length), length };
}
