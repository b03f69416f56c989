// Pictures are drawn seldom and kept in R2, one for each page: a crowd costs a read each, and storage never grows beyond
// the number of sweeps.

import { sha256 } from '../digest.ts';
import type { Env } from '../env.ts';
import { pngOf } from './render.ts';

/** A picture is looked after again when it is older than this. */
const FRESH_MS = 120_000;

export interface Picture {
  png: ReadableStream | Uint8Array<ArrayBuffer>;
  /** Of what is drawn: the same digest is the same picture. */
  digest: string;
}

export interface Wish {
  /** Names the picture among all. */
  key: string;
  /** Makes the SVG; null where there is nothing to draw. */
  draw: () => Promise<string | null>;
  /** Asked before any work. */
  mayDraw: () => Promise<boolean>;
}

/** The picture as it is now, or the one kept where that cannot be known. 'busy' where it may not be drawn and none is kept. */
export async function pictureOf(
  { BLOBS }: Pick<Env, 'BLOBS'>,
  { key, draw, mayDraw }: Wish,
  nowMs: number,
): Promise<Picture | null | 'busy'> {
  const at = `pictures/${key}.png`;
  const kept = await BLOBS.get(at);
  const before = kept && { png: kept.body, digest: kept.customMetadata?.digest ?? '' };
  if (before && nowMs - Number(kept.customMetadata?.atMs) < FRESH_MS) return before;
  if (!(await mayDraw())) return before ?? 'busy';
  let svg: string | null;
  try {
    svg = await draw();
  } catch (error) {
    if (!before) throw error;
    console.error(error);
    return before;
  }
  if (svg === null) return null;
  const digest = await sha256(svg);
  const isSame = before?.digest === digest;
  const png = kept && isSame ? new Uint8Array(await kept.arrayBuffer()) : await pngOf(svg);
  await BLOBS.put(at, png, { customMetadata: { digest, atMs: String(nowMs) } });
  return { png, digest };
}
