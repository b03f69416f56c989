import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  batchRow,
  exactExp,
  exactLn,
  inverseNormal,
  normal,
  permuted,
  shuffled,
  threefry,
  uniform,
} from './random.ts';

const u32 = fc.integer({ min: 0, max: 0xffffffff });

test('Threefry gives the known answers of its authors (Random123, threefry2x32 20)', () => {
  expect(threefry(0, 0, 0, 0)).toEqual([0x6b200159, 0x99ba4efe]);
  expect(threefry(-1, -1, -1, -1)).toEqual([0x1cb996fc, 0xbb002be7]);
  expect(threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3)).toEqual([0xc4923a9c, 0x483df7a0]);
});

test('uniform values lie in [0, 1) and depend on seed, purpose, index and stream', () => {
  fc.assert(
    fc.property(u32, u32, (seed, index) => {
      const u = uniform(seed, 'init', index);
      const others = [
        uniform(seed ^ 1, 'init', index),
        uniform(seed, 'split', index),
        uniform(seed, 'init', index ^ 1),
        uniform(seed, 'init', index, 1),
      ];
      return u >= 0 && u < 1 && !others.includes(u);
    }),
  );
});

test('normal deviates have the moments of a normal distribution', () => {
  const n = 100_000;
  const moments = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const z = normal(1, 'init', i);
    moments.forEach((_, k) => {
      moments[k] = (moments[k] as number) + z ** (k + 1) / n;
    });
  }
  expect(moments[0]).toBeCloseTo(0, 1);
  expect(moments[1]).toBeCloseTo(1, 1);
  expect(moments[2]).toBeCloseTo(0, 1);
  expect(Math.abs((moments[3] as number) - 3)).toBeLessThan(0.1);
});

test('the normal quantile gives the published values of AS 241', () => {
  expect(inverseNormal(0.25)).toBeCloseTo(-0.6744897501960817, 14);
  expect(inverseNormal(0.001)).toBeCloseTo(-3.090232306167814, 14);
  expect(inverseNormal(1e-20)).toBeCloseTo(-9.262340089798408, 13);
  expect(inverseNormal(0.5)).toBe(0);
});

test('the own logarithm and exponential agree with the platform to the last bits', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
      const error = Math.abs(exactLn(x) - Math.log(x));
      return error <= 4e-16 * Math.max(Math.abs(Math.log(x)), 1e-3);
    }),
  );
  fc.assert(
    fc.property(
      fc.double({ min: -700, max: 700, noNaN: true }),
      (x) => Math.abs(exactExp(x) / Math.exp(x) - 1) < 1e-15,
    ),
  );
  expect(() => exactLn(0)).toThrow('positive');
  expect(() => exactExp(701)).toThrow('-700 .. 700');
});

test('a shuffle holds every index once, and differs between seeds', () => {
  const order = shuffled(3, 'split', 500);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, i) => i));
  expect(shuffled(4, 'split', 500)).not.toEqual(order);
});

test('a permutation reaches every index once, whatever the count', () => {
  fc.assert(
    fc.property(u32, fc.integer({ min: 1, max: 300 }), (seed, count) => {
      const images = Array.from({ length: count }, (_, i) => permuted(seed, 'search', i, count));
      return new Set(images).size === count && images.every((image) => image >= 0 && image < count);
    }),
    { numRuns: 50 },
  );
  const large = 2 ** 49 + 12345;
  expect(new Set([0, 1, 2, 3].map((i) => permuted(0, 'search', i, large))).size).toBe(4);
});

test('every position of a shuffle is equally likely to hold every index', () => {
  const counts = new Float64Array(25);
  const seeds = 20_000;
  for (let seed = 0; seed < seeds; seed++) {
    shuffled(seed, 'split', 5).forEach((index, position) => {
      counts[position * 5 + index] = (counts[position * 5 + index] as number) + 1;
    });
  }
  const expected = seeds / 5;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 16 degrees of freedom: 39.3 is exceeded once in a thousand.
  expect(chiSquare).toBeLessThan(39.3);
});

test('the mini-batches of a pass share no row, and every pass has another order', () => {
  const sizes = fc
    .record({ rows: fc.integer({ min: 1, max: 40 }), part: fc.double({ min: 0, max: 1, noNaN: true }) })
    .map(({ rows, part }) => ({ rows, batch: 1 + Math.floor(part * (rows - 1)) }));
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: 0, max: 0xffffffff }),
      fc.nat(500),
      ({ rows, batch }, seed, pass) => {
        const steps = Math.floor(rows / batch);
        const rowsOf = (number: number) =>
          Array.from({ length: steps * batch }, (_, i) =>
            batchRow(
              { seed, step: number * steps + Math.floor(i / batch), position: i % batch },
              { batch, rows },
            ),
          );
        const seen = rowsOf(pass);
        expect(new Set(seen).size).toBe(steps * batch);
        expect(seen.every((row) => row >= 0 && row < rows)).toBe(true);
        // Few rows have few orders, so that two passes can have the same one.
        if (steps * batch > 20) expect(rowsOf(pass + 1)).not.toEqual(seen);
      },
    ),
  );
});
