// Curves in R2: many in one object, which never changes once a record points into it.

import { sha256 } from '../digest.ts';

/** Where a curve lies. */
export interface CurvePlace {
  key: string;
  offset: number;
  bytes: number;
}

/**
 * Stores one bundle of curves and returns its key. The key follows from the content, so repeating is free and an object
 * that was thought dead cannot overwrite what its successor wrote; no two stripes share one.
 */
export async function putBundle(
  bucket: R2Bucket,
  { sweepId, stripe }: { sweepId: string; stripe: number },
  number: number,
  bytes: Uint8Array,
): Promise<string> {
  const digest = await sha256(bytes);
  const key = `bundles/${sweepId}/${stripe}/${String(number).padStart(8, '0')}-${digest.slice(0, 32)}`;
  await bucket.put(key, bytes, { sha256: digest });
  return key;
}

/** Reads curves with one request a bundle; in the order of the places. */
export async function readCurves(bucket: R2Bucket, places: readonly CurvePlace[]): Promise<Uint8Array[]> {
  const spans = new Map<string, { from: number; to: number }>();
  for (const { key, offset, bytes } of places) {
    const span = spans.get(key) ?? { from: offset, to: offset };
    spans.set(key, { from: Math.min(span.from, offset), to: Math.max(span.to, offset + bytes) });
  }
  const read = new Map<string, Uint8Array>();
  for (const [key, { from, to }] of spans) {
    const object = await bucket.get(key, { range: { offset: from, length: to - from } });
    if (!object) throw new Error(`bundle ${key} is missing`);
    read.set(key, new Uint8Array(await object.arrayBuffer()));
  }
  return places.map(({ key, offset, bytes }) => {
    const start = offset - (spans.get(key)?.from ?? 0);
    return (read.get(key) as Uint8Array).subarray(start, start + bytes);
  });
}

/** Deletes bundles, at most a thousand. Safe to repeat. */
export const dropBundles = (bucket: R2Bucket, keys: string[]): Promise<void> => bucket.delete(keys);
