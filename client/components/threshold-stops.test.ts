import { expect, test } from 'vitest';
import { thresholdStops } from './threshold-stops.ts';

test('a registered threshold is a stop of its own, exactly, wherever it lies', () => {
  expect(thresholdStops([0.95])).toHaveLength(51);
  expect(thresholdStops([0.955])).toContain(0.955);
  expect(thresholdStops([0.955])).toHaveLength(52);
  expect(thresholdStops([0.321, 0.9])).toEqual(expect.arrayContaining([0.32, 0.321, 0.9, 1]));
  expect(thresholdStops([0.001])[0]).toBe(0.001);
});
