import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { localPort, openHttp, readReply } from './scheduler-http.ts';

test('the load goes to this machine only', () => {
  expect(localPort('http://127.0.0.1:8787')).toBe(8787);
  for (const origin of [
    'https://127.0.0.1:8787',
    'http://127.0.0.1',
    'http://localhost:8787',
    'http://0.0.0.0:8787',
    'http://tabgrad.example:8787',
    'http://127.0.0.1@tabgrad.example:80',
  ]) {
    expect(() => localPort(origin)).toThrow('http://127.0.0.1:PORT only');
    expect(() => openHttp(origin, null)).toThrow('http://127.0.0.1:PORT only');
  }
});

test('a reply that arrives in pieces is read once it is whole', () => {
  const whole = Buffer.from('HTTP/1.1 201 Created\r\nContent-Length: 12\r\n\r\n{"text":"µ"}\r\n');
  const length = whole.length - 3; // a byte short: the micro sign takes two
  expect(readReply(whole.subarray(0, 10))).toBeNull();
  expect(readReply(whole.subarray(0, length - 1))).toBeNull();
  expect(() => readReply(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow(
    'without a length: HTTP/1.1 200 OK',
  );
});

test('a link carries one question after another, and tells when it is lost', async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? 'nobody'} ${text}`);
      if (text === '"bye"') return request.socket.destroy();
      const body = JSON.stringify({ heard: JSON.parse(text) });
      response.writeHead(202, { 'content-length': Buffer.byteLength(body) }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const nobody = openHttp(origin, null);
  const link = openHttp(origin, 'me');
  expect(await nobody.ask('/api/a', '"ä"')).toEqual({ status: 202, body: { heard: 'ä' } });
  expect(await link.ask('/api/b', '1')).toEqual({ status: 202, body: { heard: 1 } });
  await expect(link.ask('/api/c', '"bye"')).rejects.toThrow();
  await expect(link.ask('/api/d', '2')).rejects.toThrow();
  expect(seen).toEqual(['POST /api/a nobody "ä"', 'POST /api/b Bearer me 1', 'POST /api/c Bearer me "bye"']);
  nobody.close();
  server.close();
});
