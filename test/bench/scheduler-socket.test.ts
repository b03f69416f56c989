import { expect, test } from 'vitest';
import { frameOf, openSocket, readFrame } from './scheduler-socket.ts';

/** As the server would send it: without the mask. */
function unmasked(text: string): Buffer {
  const bytes = Buffer.from(text);
  const frame = frameOf(text);
  const head = frame.subarray(0, frame.length - bytes.length - 4);
  head[1] = (head[1] as number) & 0x7f;
  return Buffer.concat([head, bytes]);
}

test('messages of every size arrive as they were sent, however they are cut and joined', () => {
  for (const size of [0, 1, 125, 126, 65_535, 65_536, 200_000]) {
    const text = 'µ'.padEnd(size, 'x').slice(0, size);
    const bytes = unmasked(text);
    expect(readFrame(bytes.subarray(0, bytes.length - 1))).toBeNull();
    expect(readFrame(Buffer.concat([bytes, unmasked('next')]))).toEqual({ text, length: bytes.length });
  }
});

test('a client masks what it sends, and takes text only', () => {
  expect((frameOf('hello')[1] as number) & 0x80).toBe(0x80);
  expect(() => readFrame(Buffer.from([0x88, 0]))).toThrow('no text message: 88');
});

test('sockets too lead to this machine only', () => {
  expect(() => openSocket('http://tabgrad.example:8787', 'token', 'sweep')).toThrow(
    'http://127.0.0.1:PORT only',
  );
});
