import { expect, test } from 'vitest';
import type { FinishedRun } from '../../shared/work.ts';
import { Told } from './kills-told.ts';
import { STEPS } from './scheduler-curves.ts';

const result = (run: number, to: number, weightsDigest: string) =>
  ({ sweepId: 'a-00000000', run, to, weightsDigest }) as FinishedRun;

test('a run counts as acknowledged once, by its last segment, however often that is said', () => {
  const told = new Told();
  told.accepted(result(3, STEPS / 2, 'half'), 'me');
  expect(told.finishedRuns()).toBe(0);
  for (let i = 0; i < 2; i++) told.accepted(result(3, STEPS, 'whole'), 'you');
  told.accepted(result(3, STEPS / 2, 'half'), 'me');
  expect(told.finishedRuns()).toBe(1);
  expect(told.bySweep().get('a-00000000')).toMatchObject([{ run: 3, to: STEPS, weightsDigest: 'whole' }]);
  expect(told.counts).toMatchObject({ acknowledgements: 4, segments: 2 });
  expect(told.problems).toEqual([]);
});

test('one run taken from two volunteers is a problem', () => {
  const told = new Told();
  told.accepted(result(3, STEPS, 'mine'), 'me');
  told.accepted(result(3, STEPS, 'yours'), 'you');
  expect(told.problems).toEqual(['run 3 of a-00000000 was taken from two volunteers']);
});
