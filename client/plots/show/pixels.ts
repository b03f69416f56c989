// A matrix as pixels, one for each number.

import { diverging, scaleOf } from './colours.ts';

/** The bytes of an image: numbers from -1 to 1 as colours; what is no number is see-through. */
export function pixelsOf(values: ArrayLike<number>, isDark: boolean): Uint8ClampedArray<ArrayBuffer> {
  const scale = scaleOf(isDark);
  const pixels = new Uint8ClampedArray(4 * values.length); // [values, red green blue alpha]
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    pixels.set([...diverging(scale, value), 255], 4 * i);
  }
  return pixels;
}

export interface Extent {
  least: number;
  most: number;
  /** Where the scale of colours ends, on both sides of 0: the 99th percentile of the sizes. */
  end: number;
  /** Whether anything lies beyond. */
  isClipped: boolean;
}

/** How far weights go; what is not finite is left out. Without any that is finite all are 0. */
export function extentOf(values: Float32Array): Extent {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return { least: 0, most: 0, end: 0, isClipped: false };
  const sizes = finite.map(Math.abs).sort();
  const end = sizes[Math.ceil(0.99 * sizes.length) - 1] as number;
  const [least, most] = finite.reduce(
    ([low, high], w) => [Math.min(low, w), Math.max(high, w)] as [number, number],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  return { least, most, end, isClipped: (sizes.at(-1) as number) > end };
}

/** Numbers as shares of the scale's end. */
export const scaled = (values: Float32Array, { end }: Extent): Float32Array =>
  values.map((w) => (Number.isFinite(w) ? w / (end || 1) : Number.NaN));
