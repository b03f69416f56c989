import { expect, test } from 'vitest';
import { logTicks, nearestIndex, position, stepAt } from './log-axis.ts';

test('step 0 stands left of step 1, and every step can be found again', () => {
  expect(position(0)).toBeLessThan(position(1));
  for (const step of [0, 1, 2, 20, 1500, 1e6]) expect(stepAt(position(step))).toBeCloseTo(step, 6);
});

test('decades, step 0 and the last step are labelled', () => {
  const labelled = logTicks(1500, 700).filter(({ label }) => label !== '');
  expect(labelled.map(({ label }) => label)).toEqual(['0', '1', '10', '100', '1500']);
  expect(logTicks(20_000, 700).at(-1)).toEqual({ step: 20_000, label: '20K' });
  expect(logTicks(1, 700)).toEqual([
    { step: 0, label: '0' },
    { step: 1, label: '1' },
  ]);
});

test('a decade keeps its label when the last step is far enough away', () => {
  expect(
    logTicks(2000, 700)
      .filter(({ label }) => label !== '')
      .map(({ step }) => step),
  ).toEqual([0, 1, 10, 100, 1000, 2000]);
});

test('labels that would touch the last one are left out on a narrow axis', () => {
  const labels = logTicks(2000, 250).filter(({ label }) => label !== '');
  expect(labels.map(({ step }) => step)).toEqual([0, 1, 10, 100, 2000]);
});

test('the nearest evaluated step is nearest on the log axis', () => {
  expect(nearestIndex([0, 1, 10, 100], 4)).toBe(2);
  expect(nearestIndex([0, 1, 10, 100], 2.9)).toBe(1);
  expect(nearestIndex([0, 1, 10, 100], 5000)).toBe(3);
  expect(nearestIndex([], 5)).toBe(0);
});
