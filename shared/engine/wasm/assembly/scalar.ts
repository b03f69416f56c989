// Elementary functions in float64, for the few numbers that losses are read off from.

const LN2_HIGH: f64 = 6.9314718036912381649e-1;
const LN2_LOW: f64 = 1.90821492927058770002e-10;

// 1 / n! from n = 14 down to 1, and 1 / n for odd n from 19 down to 3.
const EXP = memory.data<f64>([
  1.1470745597729725e-11, 1.6059043836821613e-10, 2.08767569878681e-09, 2.505210838544172e-08, 2.755731922398589e-07,
  2.7557319223985893e-06, 2.48015873015873e-05, 0.0001984126984126984, 0.001388888888888889, 0.008333333333333333,
  0.041666666666666664, 0.16666666666666666, 0.5, 1.0,
]);
const LN = memory.data<f64>([
  0.05263157894736842, 0.058823529411764705, 0.06666666666666667, 0.07692307692307693, 0.09090909090909091,
  0.1111111111111111, 0.14285714285714285, 0.2, 0.3333333333333333,
]);

/** e to the power x for x <= 0; 0 below -700. */
export function exp64(x: f64): f64 {
  if (x < -700) return 0;
  const k = nearest<f64>(x * 1.4426950408889634);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let series: f64 = 0;
  for (let i = 0; i < 14; i++) series = (series + load<f64>(EXP + (i << 3))) * r;
  return (1 + series) * reinterpret<f64>((<i64>k + 1023) << 52);
}

/** ln(1 + x) for x >= 0, relatively accurate for small x too: 2 artanh(s) with |s| <= 0.172, by its power series. */
export function ln1p64(x: f64): f64 {
  let exponent: f64 = 0;
  let s = x / (2 + x);
  if (x > 0.4) {
    const bits = reinterpret<i64>((1 + x) * 1.4142135623730951);
    exponent = <f64>((bits >> 52) - 1023);
    const m = (1 + x) * reinterpret<f64>((2046 - (bits >> 52)) << 52);
    s = (m - 1) / (m + 1);
  }
  const s2 = s * s;
  let series: f64 = 0;
  for (let i = 0; i < 9; i++) series = (series + load<f64>(LN + (i << 3))) * s2;
  return exponent * LN2_HIGH + (2 * s + (2 * s * series + exponent * LN2_LOW));
}
