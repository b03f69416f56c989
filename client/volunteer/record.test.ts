import { expect, test } from 'vitest';
import type { Training } from '../../shared/engine/engine.ts';
import { RunRecord } from './record.ts';

const evaluation = (trainLoss: number, testLoss = 1) => ({
  trainLoss,
  testLoss,
  trainAccuracy: 0,
  testAccuracy: 0,
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e60])(
  'a run whose loss is %f has diverged: no curve can hold that',
  (loss) => {
    for (const late of [evaluation(loss), evaluation(1, loss)]) {
      const record = new RunRecord(0, {} as Training);
      expect(record.add(0, evaluation(3e38))).not.toBeNull();
      expect(record.add(1, late)).toBeNull();
      expect(record.add(2, evaluation(1))).toBeNull();
      expect(record.curve()).toMatchObject({ steps: [0], divergedAt: 1 });
    }
  },
);
