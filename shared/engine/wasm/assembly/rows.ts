// Work on whole rows. Strides and sizes are in bytes.

import { add, all } from './vector.ts';

@inline function addRow(out: usize, input: usize, stride: i32): void {
  for (let i = 0; i < stride; i += 16) v128.store(out + i, add(v128.load(out + i), v128.load(input + i)));
}

@inline function rowOf(tokens: usize, position: i32, tokenStride: i32, positionStride: i32): i32 {
  return load<i32>(tokens + (position << 2)) * tokenStride + position * positionStride;
}

/** A row of the table for every token of `rows` rows; only for the token at `position` where that is not negative. */
export function lookup(
  table: usize, out: usize, stride: i32, tokens: usize, rows: i32, tokensPerRow: i32,
  position: i32, tokenStride: i32, positionStride: i32,
): void {
  const from = position < 0 ? 0 : position;
  const to = position < 0 ? tokensPerRow : position + 1;
  for (let row = 0; row < rows; row++) {
    for (let p = from; p < to; p++) {
      const input = table + rowOf(tokens, p, tokenStride, positionStride) * stride;
      for (let i = 0; i < stride; i += 16) v128.store(out + i, v128.load(input + i));
      out += stride;
    }
    tokens += tokensPerRow << 2;
  }
}

/** The sum of the table's rows for the tokens of each row. */
export function lookupSum(
  table: usize, out: usize, stride: i32, tokens: usize, rows: i32, tokensPerRow: i32,
  tokenStride: i32, positionStride: i32,
): void {
  for (let row = 0; row < rows; row++) {
    const first = table + rowOf(tokens, 0, tokenStride, positionStride) * stride;
    if (tokensPerRow === 1) {
      for (let i = 0; i < stride; i += 16) v128.store(out + i, v128.load(first + i));
    } else {
      const second = table + rowOf(tokens, 1, tokenStride, positionStride) * stride;
      for (let i = 0; i < stride; i += 16) v128.store(out + i, add(v128.load(first + i), v128.load(second + i)));
    }
    for (let p = 2; p < tokensPerRow; p++)
      addRow(out, table + rowOf(tokens, p, tokenStride, positionStride) * stride, stride);
    out += stride;
    tokens += tokensPerRow << 2;
  }
}

/** Adds each row of the gradient to the table's row that it was looked up from; `out` is zeroed by the caller. */
export function scatter(
  gradient: usize, out: usize, stride: i32, tokens: usize, rows: i32, tokensPerRow: i32,
  position: i32, tokenStride: i32, positionStride: i32,
): void {
  const from = position < 0 ? 0 : position;
  const to = position < 0 ? tokensPerRow : position + 1;
  for (let row = 0; row < rows; row++) {
    for (let p = from; p < to; p++) {
      addRow(out + rowOf(tokens, p, tokenStride, positionStride) * stride, gradient, stride);
      gradient += stride;
    }
    tokens += tokensPerRow << 2;
  }
}

/** As `scatter`, for a lookup of sums: a row of the gradient goes to every token's row. */
export function scatterSum(
  gradient: usize, out: usize, stride: i32, tokens: usize, rows: i32, tokensPerRow: i32,
  tokenStride: i32, positionStride: i32,
): void {
  for (let row = 0; row < rows; row++) {
    for (let p = 0; p < tokensPerRow; p++)
      addRow(out + rowOf(tokens, p, tokenStride, positionStride) * stride, gradient, stride);
    gradient += stride;
    tokens += tokensPerRow << 2;
  }
}

/** out[i] = sum over j < count of the row at input + i * outer + j * inner. */
export function sumRows(
  input: usize, out: usize, stride: i32, rows: i32, count: i32, outer: i32, inner: i32,
): void {
  for (let row = 0; row < rows; row++) {
    let i = 0;
    for (; i <= stride - 64; i += 64) {
      let at = input + i;
      let sum0 = all(0);
      let sum1 = all(0);
      let sum2 = all(0);
      let sum3 = all(0);
      for (let j = 0; j < count; j++) {
        sum0 = add(sum0, v128.load(at));
        sum1 = add(sum1, v128.load(at, 16));
        sum2 = add(sum2, v128.load(at, 32));
        sum3 = add(sum3, v128.load(at, 48));
        at += inner;
      }
      v128.store(out + i, sum0);
      v128.store(out + i, sum1, 16);
      v128.store(out + i, sum2, 32);
      v128.store(out + i, sum3, 48);
    }
    for (; i < stride; i += 16) {
      let at = input + i;
      let sum = all(0);
      for (let j = 0; j < count; j++) {
        sum = add(sum, v128.load(at));
        at += inner;
      }
      v128.store(out + i, sum);
    }
    input += outer;
    out += stride;
  }
}
