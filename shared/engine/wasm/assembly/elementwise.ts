// Sizes are in bytes and multiples of 16: rows are filled up with zeros, which every function here maps to zero.

import { add, all, constant, div, expNegative, mul, sigmoid, sub, tanh } from './vector.ts';

export function fill(out: usize, bytes: i32): void {
  memory.fill(out, 0, bytes);
}

/** Copies `rows` rows of `bytes` bytes, a multiple of 4, from and to places so many bytes apart. */
export function copyRows(input: usize, inputStride: i32, out: usize, outStride: i32, rows: i32, bytes: i32): void {
  for (let row = 0; row < rows; row++) {
    let i = 0;
    for (; i <= bytes - 16; i += 16) v128.store(out + i, v128.load(input + i));
    for (; i < bytes; i += 4) store<u32>(out + i, load<u32>(input + i));
    input += inputStride;
    out += outStride;
  }
}

/** out = left + right, with right repeated where it is shorter. */
export function sum(left: usize, right: usize, out: usize, bytes: i32, rightBytes: i32): void {
  for (let start = 0; start < bytes; start += rightBytes) {
    for (let i = 0; i < rightBytes; i += 16) v128.store(out + i, add(v128.load(left + i), v128.load(right + i)));
    left += rightBytes;
    out += rightBytes;
  }
}

/** values &= mask: all bits set keep a number, none make it 0. */
export function applyMask(values: usize, mask: usize, bytes: i32): void {
  for (let i = 0; i < bytes; i += 16) v128.store(values + i, v128.and(v128.load(values + i), v128.load(mask + i)));
}

export function relu(input: usize, out: usize, bytes: i32): void {
  // pmax(x, 0) is x < 0 ? 0 : x, so that NaN stays NaN.
  for (let i = 0; i < bytes; i += 16) v128.store(out + i, f32x4.pmax(v128.load(input + i), all(0)));
}

export function reluGradient(saved: usize, gradient: usize, out: usize, bytes: i32): void {
  for (let i = 0; i < bytes; i += 16) {
    const isOn = f32x4.gt(v128.load(saved + i), all(0));
    v128.store(out + i, v128.and(v128.load(gradient + i), isOn));
  }
}

export function tanhForward(input: usize, out: usize, bytes: i32): void {
  for (let i = 0; i < bytes; i += 16) v128.store(out + i, tanh(v128.load(input + i)));
}

export function tanhGradient(saved: usize, gradient: usize, out: usize, bytes: i32): void {
  for (let i = 0; i < bytes; i += 16) {
    const y = v128.load(saved + i);
    v128.store(out + i, mul(v128.load(gradient + i), sub(all(1), mul(y, y))));
  }
}

export function quadratic(input: usize, out: usize, bytes: i32): void {
  for (let i = 0; i < bytes; i += 16) {
    const x = v128.load(input + i);
    v128.store(out + i, mul(x, x));
  }
}

export function quadraticGradient(saved: usize, gradient: usize, out: usize, bytes: i32): void {
  for (let i = 0; i < bytes; i += 16) {
    const x = v128.load(saved + i);
    v128.store(out + i, mul(v128.load(gradient + i), add(x, x)));
  }
}

// 0.5 x (1 + tanh u) = x sigmoid(2u), which does not cancel; 2u = GELU[0] x + GELU[1] x^3 (Hendrycks and Gimpel 2016,
// section 2).
const GELU = memory.data<f32>([1.5957691216, 0.0713548162726, 0.2140644488178, 1]);

export function gelu(input: usize, out: usize, bytes: i32): void {
  for (let i = 0; i < bytes; i += 16) {
    const x = v128.load(input + i);
    const twice = mul(x, add(constant(GELU, 0), mul(constant(GELU, 1), mul(x, x))));
    v128.store(out + i, mul(x, sigmoid(twice)));
  }
}

export function geluGradient(saved: usize, gradient: usize, out: usize, bytes: i32): void {
  for (let i = 0; i < bytes; i += 16) {
    const x = v128.load(saved + i);
    const square = mul(x, x);
    const twice = mul(x, add(constant(GELU, 0), mul(constant(GELU, 1), square)));
    const e = expNegative(f32x4.neg(f32x4.abs(twice)));
    const one = constant(GELU, 3);
    const share = div(one, add(one, e));
    const s = v128.bitselect(mul(e, share), share, f32x4.lt(twice, all(0)));
    const slope = mul(mul(mul(e, share), share), add(constant(GELU, 0), mul(constant(GELU, 2), square)));
    v128.store(out + i, mul(v128.load(gradient + i), add(s, mul(x, slope))));
  }
}
