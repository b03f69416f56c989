// The optimisers' steps; the numbers are those of `StepNumbers`, rounded to float32. Sizes are in bytes.

import { add, all, div, mul, sub } from './vector.ts';

export function adam(
  weight: usize, gradient: usize, first: usize, second: usize, bytes: i32,
  coupled: f32, beta1: f32, gain1: f32, beta2: f32, gain2: f32, decay: f32, rate: f32, root: f32, eps: f32,
): void {
  for (let i = 0; i < bytes; i += 16) {
    const w = v128.load(weight + i);
    const g = add(v128.load(gradient + i), mul(all(coupled), w));
    const m = add(mul(all(beta1), v128.load(first + i)), mul(all(gain1), g));
    const v = add(mul(all(beta2), v128.load(second + i)), mul(mul(all(gain2), g), g));
    v128.store(first + i, m);
    v128.store(second + i, v);
    const size = add(mul(all(root), f32x4.sqrt(v)), all(eps));
    v128.store(weight + i, sub(mul(all(decay), w), div(mul(all(rate), m), size)));
  }
}

export function sgd(
  weight: usize, gradient: usize, first: usize, bytes: i32,
  coupled: f32, momentum: f32, decay: f32, rate: f32,
): void {
  for (let i = 0; i < bytes; i += 16) {
    const w = v128.load(weight + i);
    const g = add(v128.load(gradient + i), mul(all(coupled), w));
    const m = add(mul(all(momentum), v128.load(first + i)), g);
    v128.store(first + i, m);
    v128.store(weight + i, sub(mul(all(decay), w), mul(all(rate), m)));
  }
}
