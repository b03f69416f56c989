import { expect, test } from 'vitest';
import { css, diverging, residueColour, scaleOf } from './colours.ts';
import { extentOf, pixelsOf, scaled } from './pixels.ts';

test('0 has the colour of the middle, both ends their own, and what lies beyond that of the end', () => {
  for (const isDark of [false, true]) {
    const scale = scaleOf(isDark);
    expect([-1, 0, 1, 9].map((x) => diverging(scale, x))).toEqual([
      ...[scale.negative, scale.zero],
      ...[scale.positive, scale.positive],
    ]);
  }
  expect(css([1, 2, 3])).toBe('rgb(1 2 3)');
});

test('every number is a pixel, and what is no number is see-through', () => {
  const pixels = pixelsOf([0, 1, Number.NaN], false);
  const { zero, positive } = scaleOf(false);
  expect([...pixels]).toEqual([...zero, 255, ...positive, 255, 0, 0, 0, 0]);
});

test('the scale of weights ends at all but the most extreme hundredth of them, the same on both sides of 0', () => {
  const weights = Float32Array.from({ length: 100 }, (_, i) => -i / 128);
  weights[7] = 50;
  const extent = extentOf(weights);
  expect(extent).toEqual({ least: -99 / 128, most: 50, end: 99 / 128, isClipped: true });
  expect(scaled(weights, extent)[99]).toBe(-1);
  expect(extentOf(Float32Array.of(1, -2))).toEqual({ least: -2, most: 1, end: 2, isClipped: false });
});

test('weights that are all 0, or no numbers at all, have a scale too', () => {
  const none = { least: 0, most: 0, end: 0, isClipped: false };
  expect(extentOf(new Float32Array(4))).toEqual(none);
  expect(scaled(new Float32Array(2), none)).toEqual(new Float32Array(2));
  const broken = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY);
  expect(extentOf(broken)).toEqual(none);
  expect(scaled(broken, none).every(Number.isNaN)).toBe(true);
});

test('residues have different hues, and the last is next to the first', () => {
  expect(residueColour(0, 60, false)).toBe('oklch(0.58 0.14 0)');
  expect(residueColour(59, 60, true)).toBe('oklch(0.78 0.14 354)');
});
