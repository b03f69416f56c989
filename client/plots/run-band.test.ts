import { expect, test } from 'vitest';
import { bandOf, lossRange, quantile } from './run-band.ts';

const line = (...test: number[]) => ({
  steps: [0, 1, 10, 100].slice(0, test.length),
  train: test.map((x) => 2 * x),
  test,
});

test('quantiles lie between the two values next to them, in proportion', () => {
  expect([0, 0.25, 0.5, 0.75, 1].map((share) => quantile([1, 2, 4, 8], share))).toEqual([1, 1.75, 3, 5, 8]);
  expect(quantile([3], 0.25)).toBe(3);
});

test('a band has smallest, quartiles, median and largest of its runs at every step', () => {
  const { steps, train, test: shown } = bandOf([line(0, 1), line(0, 3), line(0, 2), line(0, 9), line(0, 5)]);
  expect(steps).toEqual([0, 1]);
  expect(shown.map((values) => values[1])).toEqual([1, 2, 3, 5, 9]);
  expect(train.map((values) => values[1])).toEqual([2, 4, 6, 10, 18]);
});

test('a run that ended early counts as far as it went, and no run makes an empty band', () => {
  const { steps, test: shown } = bandOf([line(1, 1), line(3, 3, 3)]);
  expect(steps).toEqual([0, 1, 10]);
  expect(shown[2]).toEqual([2, 2, 3]);
  expect(bandOf([])).toEqual({ steps: [], train: [[], [], [], [], []], test: [[], [], [], [], []] });
});

test('the axis of losses holds every loss in whole decades, whatever is zero or no number', () => {
  expect(
    lossRange([
      [0.5, 3.4],
      [0.002, 0, Number.NaN, Number.POSITIVE_INFINITY],
    ]),
  ).toEqual([0.001, 10]);
  expect(lossRange([[1, 1]])).toEqual([1, 10]);
  expect(lossRange([[0], []])).toEqual([0.1, 1]);
});
