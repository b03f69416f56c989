// Four float32 numbers at a time. The elementary functions are built from + - * / and integer operations only, so
// that they have the same bits wherever WebAssembly runs.

@inline export function add(a: v128, b: v128): v128 { return f32x4.add(a, b); }
@inline export function sub(a: v128, b: v128): v128 { return f32x4.sub(a, b); }
@inline export function mul(a: v128, b: v128): v128 { return f32x4.mul(a, b); }
@inline export function div(a: v128, b: v128): v128 { return f32x4.div(a, b); }
@inline export function all(x: f32): v128 { return f32x4.splat(x); }

@inline export function sumOf(a: v128): f32 {
  return (
    (f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 2)) + (f32x4.extract_lane(a, 1) + f32x4.extract_lane(a, 3))
  );
}

@inline export function largestOf(a: v128): f32 {
  const pairs = f32x4.pmax(a, i32x4.shuffle(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(pairs, i32x4.shuffle(pairs, pairs, 1, 0, 3, 2)), 0);
}

/** All bits set in the lanes of a row's last vector that hold columns, none in those that only fill it up. */
@inline export function lastMask(columns: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(((columns - 1) & 3) + 1));
}

// Constants lie in memory: spreading one from there is a single instruction, and making it from a literal is several,
// every time round a loop.
const EXP = memory.data<f32>([
  1.44269504, 12582912, 0.693359375, -2.12194440e-4, 1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3,
  4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1, -87.3,
]);
const BIAS = memory.data<i32>([127 << 23]);
const TANH = memory.data<f32>([
  -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
]);

@inline export function constant(table: usize, i: i32): v128 {
  return v128.load_splat<f32>(table + (i << 2));
}

/**
 * e to the power x for x <= 0; 0 where that is below the smallest normal number. Within 1e-7 of its value.
 * Cephes' expf: Moshier 1989, "Methods and programs for mathematical functions".
 */
@inline export function expNegative(x: v128): v128 {
  // Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits.
  const shifted = add(mul(x, constant(EXP, 0)), constant(EXP, 1));
  const n = sub(shifted, constant(EXP, 1));
  const r = sub(sub(x, mul(n, constant(EXP, 2))), mul(n, constant(EXP, 3)));
  let p = add(mul(constant(EXP, 4), r), constant(EXP, 5));
  p = add(mul(p, r), constant(EXP, 6));
  p = add(mul(p, r), constant(EXP, 7));
  p = add(mul(p, r), constant(EXP, 8));
  p = add(mul(p, r), constant(EXP, 9));
  p = add(add(mul(p, mul(r, r)), r), constant(EXP, 10));
  const power = i32x4.add(i32x4.shl(shifted, 23), constant(BIAS, 0));
  return v128.andnot(mul(p, power), f32x4.lt(x, constant(EXP, 11)));
}

/** Stores e^(x - most) of 16 numbers as `expNegative` has it, fetching its constants once for all. */
@inline export function storeExp16(input: usize, most: v128, out: usize): void {
  const x0 = sub(v128.load(input), most);
  const x1 = sub(v128.load(input, 16), most);
  const x2 = sub(v128.load(input, 32), most);
  const x3 = sub(v128.load(input, 48), most);
  const scale = constant(EXP, 0);
  const round = constant(EXP, 1);
  const shifted0 = add(mul(x0, scale), round);
  const shifted1 = add(mul(x1, scale), round);
  const shifted2 = add(mul(x2, scale), round);
  const shifted3 = add(mul(x3, scale), round);
  const n0 = sub(shifted0, round);
  const n1 = sub(shifted1, round);
  const n2 = sub(shifted2, round);
  const n3 = sub(shifted3, round);
  const high = constant(EXP, 2);
  const low = constant(EXP, 3);
  const r0 = sub(sub(x0, mul(n0, high)), mul(n0, low));
  const r1 = sub(sub(x1, mul(n1, high)), mul(n1, low));
  const r2 = sub(sub(x2, mul(n2, high)), mul(n2, low));
  const r3 = sub(sub(x3, mul(n3, high)), mul(n3, low));
  let c = constant(EXP, 4);
  let p0 = mul(c, r0);
  let p1 = mul(c, r1);
  let p2 = mul(c, r2);
  let p3 = mul(c, r3);
  c = constant(EXP, 5);
  p0 = mul(add(p0, c), r0);
  p1 = mul(add(p1, c), r1);
  p2 = mul(add(p2, c), r2);
  p3 = mul(add(p3, c), r3);
  c = constant(EXP, 6);
  p0 = mul(add(p0, c), r0);
  p1 = mul(add(p1, c), r1);
  p2 = mul(add(p2, c), r2);
  p3 = mul(add(p3, c), r3);
  c = constant(EXP, 7);
  p0 = mul(add(p0, c), r0);
  p1 = mul(add(p1, c), r1);
  p2 = mul(add(p2, c), r2);
  p3 = mul(add(p3, c), r3);
  c = constant(EXP, 8);
  p0 = mul(add(p0, c), r0);
  p1 = mul(add(p1, c), r1);
  p2 = mul(add(p2, c), r2);
  p3 = mul(add(p3, c), r3);
  c = constant(EXP, 9);
  p0 = add(p0, c);
  p1 = add(p1, c);
  p2 = add(p2, c);
  p3 = add(p3, c);
  c = constant(EXP, 10);
  p0 = add(add(mul(p0, mul(r0, r0)), r0), c);
  p1 = add(add(mul(p1, mul(r1, r1)), r1), c);
  p2 = add(add(mul(p2, mul(r2, r2)), r2), c);
  p3 = add(add(mul(p3, mul(r3, r3)), r3), c);
  const bias = constant(BIAS, 0);
  p0 = mul(p0, i32x4.add(i32x4.shl(shifted0, 23), bias));
  p1 = mul(p1, i32x4.add(i32x4.shl(shifted1, 23), bias));
  p2 = mul(p2, i32x4.add(i32x4.shl(shifted2, 23), bias));
  p3 = mul(p3, i32x4.add(i32x4.shl(shifted3, 23), bias));
  const least = constant(EXP, 11);
  v128.store(out, v128.andnot(p0, f32x4.lt(x0, least)));
  v128.store(out, v128.andnot(p1, f32x4.lt(x1, least)), 16);
  v128.store(out, v128.andnot(p2, f32x4.lt(x2, least)), 32);
  v128.store(out, v128.andnot(p3, f32x4.lt(x3, least)), 48);
}

/** Below 0.625 by Cephes' polynomial (tanhf), above by the exponential. */
@inline export function tanh(x: v128): v128 {
  const z = mul(x, x);
  let p = add(mul(constant(TANH, 0), z), constant(TANH, 1));
  p = add(mul(p, z), constant(TANH, 2));
  p = add(mul(p, z), constant(TANH, 3));
  p = add(mul(p, z), constant(TANH, 4));
  const small = add(mul(mul(p, z), x), x);
  const size = f32x4.abs(x);
  const e = expNegative(mul(size, all(-2)));
  const large = v128.bitselect(x, div(sub(all(1), e), add(all(1), e)), f32x4.splat(-0.0));
  return v128.bitselect(small, large, f32x4.lt(size, all(0.625)));
}

/** 1 / (1 + e^-x) */
@inline export function sigmoid(x: v128): v128 {
  const e = expNegative(f32x4.neg(f32x4.abs(x)));
  const one = constant(EXP, 10);
  const top = v128.bitselect(e, one, f32x4.lt(x, all(0)));
  return div(top, add(one, e));
}
