// Attention within the tokens of a row, one head after the other. Strides are in bytes. A head's columns need not be
// a multiple of 4, so vectors are unaligned and the last columns are done one by one.

import { add, all, expNegative, mul, sumOf } from './vector.ts';

@inline function dot(a: usize, b: usize, columns: i32): f32 {
  let sums = all(0);
  let i = 0;
  for (; i <= columns - 4; i += 4) sums = add(sums, mul(v128.load(a + (i << 2)), v128.load(b + (i << 2))));
  let sum = sumOf(sums);
  for (; i < columns; i++) sum += load<f32>(a + (i << 2)) * load<f32>(b + (i << 2));
  return sum;
}

/** out += factor * input */
@inline function addScaled(out: usize, input: usize, factor: f32, columns: i32): void {
  let i = 0;
  for (; i <= columns - 4; i += 4) {
    const at = out + (i << 2);
    v128.store(at, add(v128.load(at), mul(all(factor), v128.load(input + (i << 2)))));
  }
  for (; i < columns; i++) {
    const at = out + (i << 2);
    store<f32>(at, load<f32>(at) + factor * load<f32>(input + (i << 2)));
  }
}

/** Turns `seen` scores into probabilities; those of the other tokens stay as they are. */
@inline function softmax(scores: usize, seen: i32): void {
  let largest = load<f32>(scores);
  for (let t = 1; t < seen; t++) largest = max<f32>(largest, load<f32>(scores + (t << 2)));
  let total: f32 = 0;
  for (let t = 0; t < seen; t++) {
    const at = scores + (t << 2);
    const e = f32x4.extract_lane(expNegative(all(load<f32>(at) - largest)), 0);
    store<f32>(at, e);
    total += e;
  }
  for (let t = 0; t < seen; t++) {
    const at = scores + (t << 2);
    store<f32>(at, load<f32>(at) / total);
  }
}

/**
 * `queries` of the last tokens of each row ask. `out` and `probabilities` are zeroed by the caller. `width` and
 * `valueWidth` are the columns of a head.
 */
export function attention(
  query: usize, key: usize, value: usize, out: usize, probabilities: usize,
  rows: i32, tokens: i32, queries: i32, heads: i32, width: i32, valueWidth: i32,
  stride: i32, valueStride: i32, probabilityStride: i32, causal: i32, scale: f32,
): void {
  for (let row = 0; row < rows; row++) {
    for (let q = 0; q < queries; q++) {
      const seen = causal ? tokens - queries + q + 1 : tokens;
      for (let head = 0; head < heads; head++) {
        const at = (head * width) << 2;
        const valueAt = (head * valueWidth) << 2;
        const own = probabilities + ((head * tokens) << 2);
        for (let t = 0; t < seen; t++)
          store<f32>(own + (t << 2), scale * dot(query + at, key + t * stride + at, width));
        softmax(own, seen);
        for (let t = 0; t < seen; t++)
          addScaled(out + valueAt, value + t * valueStride + valueAt, load<f32>(own + (t << 2)), valueWidth);
      }
      query += stride;
      out += valueStride;
      probabilities += probabilityStride;
    }
    key += tokens * stride;
    value += tokens * valueStride;
  }
}

/** Adds to all three results, which the caller has zeroed. */
export function attentionGradient(
  query: usize, key: usize, value: usize, gradient: usize, probabilities: usize,
  queryOut: usize, keyOut: usize, valueOut: usize,
  rows: i32, tokens: i32, queries: i32, heads: i32, width: i32, valueWidth: i32,
  stride: i32, valueStride: i32, probabilityStride: i32, causal: i32, scale: f32,
): void {
  for (let row = 0; row < rows; row++) {
    for (let q = 0; q < queries; q++) {
      const seen = causal ? tokens - queries + q + 1 : tokens;
      for (let head = 0; head < heads; head++) {
        const at = (head * width) << 2;
        const valueAt = (head * valueWidth) << 2;
        const own = probabilities + ((head * tokens) << 2);
        let mean: f32 = 0;
        for (let t = 0; t < seen; t++)
          mean += load<f32>(own + (t << 2)) * dot(gradient + valueAt, value + t * valueStride + valueAt, valueWidth);
        for (let t = 0; t < seen; t++) {
          const p = load<f32>(own + (t << 2));
          const slope = dot(gradient + valueAt, value + t * valueStride + valueAt, valueWidth);
          const d = p * (slope - mean) * scale;
          addScaled(queryOut + at, key + t * stride + at, d, width);
          addScaled(keyOut + t * stride + at, query + at, d, width);
          addScaled(valueOut + t * valueStride + valueAt, gradient + valueAt, p, valueWidth);
        }
      }
      query += stride;
      queryOut += stride;
      gradient += valueStride;
      probabilities += probabilityStride;
    }
    key += tokens * stride;
    keyOut += tokens * stride;
    value += tokens * valueStride;
    valueOut += tokens * valueStride;
  }
}
