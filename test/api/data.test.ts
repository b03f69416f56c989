import { runDurableObjectAlarm } from 'cloudflare:test';
import { parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DataReply } from '../../shared/protocol.ts';
import { sha256 } from '../../worker/digest.ts';
import { putPart } from '../../worker/store/parts.ts';
import { inside, objectAt } from './inside.ts';
import { call, curveOf, env, get, newSweep, Volunteer } from './world.ts';

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
let id: string;
let url: string;

beforeAll(async () => {
  id = await newSweep('data');
  const { key } = await putPart(env.BLOBS, id, 3, bytes);
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

describe('the data of a sweep', () => {
  test('are its parts, read with any Parquet reader over HTTP in ranges, and what is not in them yet', async () => {
    const striped = await newSweep('data-striped', {}, { stripes: 2 });
    const list = () => get<DataReply>(`/api/sweeps/${striped}/data`);
    expect(await list()).toEqual({ parts: [], pendingRuns: 0 });
    await (await Volunteer.join()).finish(striped, (run) => curveOf({ loss: run + 1 }));
    expect(await list()).toEqual({ parts: [], pendingRuns: 8 });
    for (const stripe of [0, 1]) {
      const where = { sweepId: striped, stripe };
      await runDurableObjectAlarm(objectAt(where));
      await inside(where, ({ opened }) => opened.chores.compaction.compact(Date.now()));
    }
    const { parts, pendingRuns } = await list();
    expect([parts.map(({ runs }) => runs), pendingRuns]).toEqual([[4, 4], 0]);
    const losses: [number, number][] = [];
    for (const { url: path, bytes: size, rows, sha256: digest } of parts) {
      const reads: number[] = [];
      const file = {
        byteLength: size,
        async slice(start: number, end = size) {
          const reply = await call(path, { headers: { range: `bytes=${start}-${end - 1}` } });
          expect(reply.status).toBe(206);
          reads.push(end - start);
          return reply.arrayBuffer();
        },
      };
      const read = await parquetReadObjects({ file, columns: ['run', 'train_loss'] });
      expect([read.length, reads.length > 1]).toEqual([rows, true]);
      losses.push(...new Map(read.map((row) => [row.run as number, row.train_loss as number])));
      const whole = new Uint8Array(await (await call(path)).arrayBuffer());
      expect([whole.length, await sha256(whole)]).toEqual([size, digest]);
    }
    expect(losses.sort(([a], [b]) => a - b)).toEqual(Array.from({ length: 8 }, (_, run) => [run, run + 1]));
  });

  test('of no sweep are not there', async () => {
    for (const name of ['none-00000000', 'none', '..%2Fx'])
      expect((await call(`/api/sweeps/${name}/data`)).status).toBe(404);
  });
});
