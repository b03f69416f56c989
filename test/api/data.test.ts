import { beforeAll, describe, expect, test } from 'vitest';
import { putPart } from '../../worker/store/parts.ts';
import { call, env, newSweep } from './world.ts';

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
let id: string;
let url: string;

beforeAll(async () => {
  id = await newSweep('data');
  const key = await putPart(env.BLOBS, id, 3, bytes);
  url = `/api/sweeps/${id}/data/${key.split('/').at(-1)}`;
});

describe('a part of the data', () => {
  test('is read by every site, in ranges, and kept for ever', async () => {
    const headers = { range: 'bytes=10-19', origin: 'https://elsewhere.example' };
    const reply = await call(url, { headers });
    expect(reply.status).toBe(206);
    expect(new Uint8Array(await reply.arrayBuffer())).toEqual(bytes.slice(10, 20));
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': expect.stringContaining('content-range'),
      'content-range': 'bytes 10-19/1000',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'application/vnd.apache.parquet',
      'x-content-type-options': 'nosniff',
    });
  });

  test('tells its size to HEAD, and nothing else', async () => {
    const reply = await call(url, { method: 'HEAD' });
    expect([reply.status, reply.headers.get('content-length')]).toEqual([200, '1000']);
    expect((await reply.arrayBuffer()).byteLength).toBe(0);
  });

  test.each([
    ['bytes=1000-', 416],
    ['bytes=0-1,4-5', 200],
  ])('asked for %s answers %d', async (range, status) => {
    expect((await call(url, { headers: { range } })).status).toBe(status);
  });

  test('who has it already is told so', async () => {
    const etag = (await call(url)).headers.get('etag') as string;
    expect((await call(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  test.each(['none', '..%2F..%2Fstates%2Fx', `00000003-${'0'.repeat(32)}.parquet`])(
    'is not called %s',
    async (part) => {
      expect((await call(`/api/sweeps/${id}/data/${part}`)).status).toBe(404);
    },
  );
});
