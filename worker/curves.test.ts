import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { shortest } from './curves.ts';

test('a curve as JSON has the same float32 values as its bytes', () => {
  const float32 = fc.float({ noNaN: true, min: 0, noDefaultInfinity: true });
  fc.assert(fc.property(float32, (value) => Math.fround(shortest(value)) === value));
});

test('with as few digits as that takes', () => {
  expect([0.95, 1 / 3, 1e-30, 0, 1].map((value) => String(shortest(Math.fround(value))))).toEqual([
    '0.95',
    '0.33333334',
    '1e-30',
    '0',
    '1',
  ]);
});
