import { expect, test } from 'vitest';
import { env } from '../../test/api/world.ts';
import { partFile, putPart, rangeReply } from './parts.ts';

const sweepId = 'b'.repeat(32);
const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
const { key } = await putPart(env.BLOBS, sweepId, 7, bytes);

async function reply(headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
  const request = new Request('http://tabgrad.test/part', { method, headers });
  return (await rangeReply(env.BLOBS, key, request)) as Response;
}

const content = async (response: Response) => new Uint8Array(await response.arrayBuffer());
const etag = (await reply({}, 'HEAD')).headers.get('etag') as string;

test('the key of a part follows from its content, so storing it again changes nothing', async () => {
  expect(key).toMatch(/^parts\/b{32}\/00000007-[0-9a-f]{32}\.parquet$/);
  expect((await putPart(env.BLOBS, sweepId, 7, bytes)).key).toBe(key);
  expect((await putPart(env.BLOBS, sweepId, 7, bytes.slice(1))).key).not.toBe(key);
});

test('a stored part is read as a file, in ranges', async () => {
  const file = partFile(env.BLOBS, key, 1000);
  expect(new Uint8Array(await file.slice(10, 20))).toEqual(bytes.slice(10, 20));
  expect(new Uint8Array(await file.slice(990))).toEqual(bytes.slice(990));
  await expect(partFile(env.BLOBS, 'parts/none', 1000).slice(0, 1)).rejects.toThrow('missing');
});

test('a part without a range is sent whole, and says that ranges are welcome', async () => {
  const whole = await reply();
  expect(whole.status).toBe(200);
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    'accept-ranges': 'bytes',
    'content-length': '1000',
    'content-type': 'application/vnd.apache.parquet',
    etag,
  });
  expect(await content(whole)).toEqual(bytes);
});

test.each([
  ['bytes=0-9', 0, 10],
  ['bytes=999-999', 999, 1000],
  ['bytes=990-', 990, 1000],
  ['bytes=990-5000', 990, 1000],
  ['bytes=-8', 992, 1000],
  ['bytes=-5000', 0, 1000],
])('%s is answered with just these bytes', async (range, from, to) => {
  const part = await reply({ range });
  expect(part.status).toBe(206);
  expect(part.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/1000`);
  expect(part.headers.get('content-length')).toBe(String(to - from));
  expect(await content(part)).toEqual(bytes.slice(from, to));
});

test.each(['bytes=1000-', 'bytes=1000-2000', 'bytes=-0'])('%s lies outside the part: 416', async (range) => {
  const refused = await reply({ range });
  expect(refused.status).toBe(416);
  expect(refused.headers.get('content-range')).toBe('bytes */1000');
  expect(await content(refused)).toHaveLength(0);
});

test.each(['bytes=0-1,5-6', 'bytes=9-3', 'bytes=-', 'rows=0-9', 'bytes=0x1-2', ''])(
  'a Range header "%s" is ignored, as the standard asks or allows',
  async (range) => {
    const whole = await reply({ range });
    expect(whole.status).toBe(200);
    expect(await content(whole)).toHaveLength(1000);
  },
);

test('who has the part already gets 304', async () => {
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const unchanged = await reply({ 'if-none-match': known, range: 'bytes=0-9' });
    expect(unchanged.status).toBe(304);
    expect(unchanged.headers.get('etag')).toBe(etag);
  }
  expect((await reply({ 'if-none-match': '"other"' })).status).toBe(200);
});

test('a range of another version is answered with the whole part', async () => {
  expect((await reply({ range: 'bytes=0-9', 'if-range': etag })).status).toBe(206);
  for (const other of ['"other"', `W/${etag}`, 'Wed, 21 Oct 2015 07:28:00 GMT'])
    expect((await reply({ range: 'bytes=0-9', 'if-range': other })).status).toBe(200);
});

test('HEAD tells the size and sends nothing', async () => {
  const head = await reply({ range: 'bytes=0-9' }, 'HEAD');
  expect(head.status).toBe(200);
  expect(head.headers.get('content-length')).toBe('1000');
  expect(await content(head)).toHaveLength(0);
});

test('a part that is not there is null, for the caller to say 404', async () => {
  const request = new Request('http://tabgrad.test/part');
  expect(await rangeReply(env.BLOBS, 'parts/none', request)).toBeNull();
});
