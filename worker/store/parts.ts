// Parts in R2: Parquet files of finished curves that never change, so anybody may keep any range of them for ever.

import type { AsyncBuffer } from 'hyparquet';
import { sha256 } from '../digest.ts';

/** Stores a part; its key follows from the content, so it is safe to repeat. */
export async function putPart(
  bucket: R2Bucket,
  sweepId: string,
  number: number,
  bytes: Uint8Array,
): Promise<{ key: string; sha256: string }> {
  const digest = await sha256(bytes);
  const key = `parts/${sweepId}/${String(number).padStart(8, '0')}-${digest.slice(0, 32)}.parquet`;
  await bucket.put(key, bytes, { sha256: digest });
  return { key, sha256: digest };
}

/** A stored part as a file read in ranges, one request each. `byteLength` is its size in bytes. */
export const partFile = (bucket: R2Bucket, key: string, byteLength: number): AsyncBuffer => ({
  byteLength,
  async slice(start, end = byteLength) {
    const object = await bucket.get(key, { range: { offset: start, length: end - start } });
    if (!object) throw new Error(`part ${key} is missing`);
    return object.arrayBuffer();
  },
});

/**
 * Answers GET and HEAD for a stored part, with ranges and conditions (RFC 9110, sections 13 and 14); null when there is
 * no such part. Several ranges at once get the whole part, as the standard allows.
 */
export async function rangeReply(bucket: R2Bucket, key: string, request: Request): Promise<Response | null> {
  const part = await bucket.head(key);
  if (!part) return null;
  const { size, httpEtag: etag } = part;
  const headers = new Headers({
    etag,
    'accept-ranges': 'bytes',
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': 'application/vnd.apache.parquet',
  });
  if (isKnown(request.headers.get('if-none-match'), etag))
    return new Response(null, { status: 304, headers });

  const asked = request.method === 'GET' && (request.headers.get('if-range') ?? etag) === etag;
  const range = asked ? rangeOf(request.headers.get('range'), size) : null;
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${size}`);
    return new Response(null, { status: 416, headers });
  }
  const { offset, length } = range ?? { offset: 0, length: size };
  headers.set('content-length', String(length));
  if (range) headers.set('content-range', `bytes ${offset}-${offset + length - 1}/${size}`);
  if (request.method === 'HEAD') return new Response(null, { headers });
  const object = await bucket.get(key, { range: { offset, length } });
  return object && new Response(object.body, { status: range ? 206 : 200, headers });
}

const isKnown = (ifNoneMatch: string | null, etag: string): boolean =>
  (ifNoneMatch ?? '').split(',').some((known) => ['*', etag].includes(known.trim().replace(/^W\//, '')));

type Range = { offset: number; length: number };

/** The one range that a Range header asks for; null when it asks for none, for several, or for nothing legible. */
function rangeOf(header: string | null, size: number): Range | 'unsatisfiable' | null {
  const [, first = '', last = ''] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? '') ?? [];
  if (first === '') {
    if (last === '') return null;
    const length = Math.min(Number(last), size);
    return length > 0 ? { offset: size - length, length } : 'unsatisfiable';
  }
  if (last !== '' && Number(last) < Number(first)) return null;
  if (Number(first) >= size) return 'unsatisfiable';
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  return { offset: Number(first), length: end - Number(first) };
}
