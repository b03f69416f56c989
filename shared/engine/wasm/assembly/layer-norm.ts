// Layer normalisation (Ba et al. 2016). Strides are in bytes; statistics are 16 bytes a row: mean, deviation, 0, 0.

import { add, all, lastMask, mul, sub, sumOf } from './vector.ts';

const EPSILON: f32 = 1e-5;

export function layerNorm(
  input: usize, gain: usize, shift: usize, out: usize, statistics: usize, rows: i32, columns: i32, stride: i32,
): void {
  const mask = lastMask(columns);
  const last = stride - 16;
  for (let row = 0; row < rows; row++) {
    let total = all(0);
    for (let i = 0; i < stride; i += 16) total = add(total, v128.load(input + i));
    const mean = sumOf(total) / <f32>columns;
    let squares = all(0);
    for (let i = 0; i < last; i += 16) {
      const d = sub(v128.load(input + i), all(mean));
      squares = add(squares, mul(d, d));
    }
    const d = v128.and(sub(v128.load(input + last), all(mean)), mask);
    const variance = sumOf(add(squares, mul(d, d))) / <f32>columns;
    const deviation: f32 = 1 / sqrt<f32>(variance + EPSILON);
    v128.store(statistics, f32x4.replace_lane(f32x4.replace_lane(all(0), 0, mean), 1, deviation));
    for (let i = 0; i < stride; i += 16) {
      const normal = mul(sub(v128.load(input + i), all(mean)), all(deviation));
      v128.store(out + i, add(mul(normal, v128.load(gain + i)), v128.load(shift + i)));
    }
    input += stride;
    out += stride;
    statistics += 16;
  }
}

export function layerNormGradient(
  input: usize, statistics: usize, gain: usize, gradient: usize, out: usize, rows: i32, columns: i32, stride: i32,
): void {
  const mask = lastMask(columns);
  for (let row = 0; row < rows; row++) {
    const mean = all(load<f32>(statistics));
    const deviation = all(load<f32>(statistics, 4));
    let plain = all(0);
    let weighted = all(0);
    for (let i = 0; i < stride; i += 16) {
      const scaled = mul(v128.load(gradient + i), v128.load(gain + i));
      const normal = mul(sub(v128.load(input + i), mean), deviation);
      plain = add(plain, scaled);
      weighted = add(weighted, mul(scaled, normal));
    }
    const plainMean = all(sumOf(plain) / <f32>columns);
    const weightedMean = all(sumOf(weighted) / <f32>columns);
    for (let i = 0; i < stride; i += 16) {
      const scaled = mul(v128.load(gradient + i), v128.load(gain + i));
      const normal = mul(sub(v128.load(input + i), mean), deviation);
      v128.store(out + i, mul(deviation, sub(sub(scaled, plainMean), mul(normal, weightedMean))));
    }
    const last = out + stride - 16;
    v128.store(last, v128.and(v128.load(last), mask));
    input += stride;
    gradient += stride;
    out += stride;
    statistics += 16;
  }
}

/** Adds to `out`, which the caller has zeroed. */
export function layerNormGainGradient(
  input: usize, statistics: usize, gradient: usize, out: usize, rows: i32, stride: i32,
): void {
  for (let row = 0; row < rows; row++) {
    const mean = all(load<f32>(statistics));
    const deviation = all(load<f32>(statistics, 4));
    for (let i = 0; i < stride; i += 16) {
      const normal = mul(sub(v128.load(input + i), mean), deviation);
      v128.store(out + i, add(v128.load(out + i), mul(v128.load(gradient + i), normal)));
    }
    input += stride;
    gradient += stride;
    statistics += 16;
  }
}
