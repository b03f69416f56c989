import { expect, test } from 'vitest';
import { readSweep, type Sweep } from '../../shared/spec/sweep.ts';
import { alikeTogether, selectRuns } from './run-selection.ts';

const spec = (parameters: object) => ({
  name: 'small',
  title: 'Small',
  task: { p: 7, trainFraction: 0.5 },
  model: { embedding: 4, hidden: 4 },
  optimizer: { lr: 0.01 },
  train: { steps: 10 },
  parameters,
});

function sweepOf(parameters: object): Sweep {
  const read = readSweep(spec(parameters));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

const sweep = sweepOf({
  'optimizer.weightDecay': { values: [0, 1] },
  seed: { values: [0, 1, 2, 3] },
});
const indices = (runs: string | undefined) => selectRuns(sweep, { runs }).map(({ index }) => index);

test('runs are chosen by lists and ranges, each once and in order', () => {
  expect(indices('5,0-2, 1')).toEqual([0, 1, 2, 5]);
  expect(indices(undefined)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test.each([
  ['8', 'there is no run 8; this sweep has runs 0 to 7'],
  ['0-8', 'there is no run 8'],
  ['3-1', '"3-1" is neither a run nor a range'],
  ['', '"" is neither'],
  ['1,,2', '"" is neither'],
  ['-1', '"-1" is neither'],
  ['1e3', '"1e3" is neither'],
])('runs "%s" are refused in words', (runs, words) => expect(() => indices(runs)).toThrow(words));

test('with a seed of its own each chosen configuration runs once', () => {
  const runs = selectRuns(sweep, { seed: 99 });
  expect(runs.map(({ index, cell, seed }) => [index, cell, seed])).toEqual([
    [0, 0, 99],
    [1, 1, 99],
  ]);
});

test('runs of one shape are put side by side, so that they can be trained together', () => {
  const mixed = sweepOf({ 'model.hidden': { values: [4, 8] }, seed: { values: [0, 1] } });
  const order = alikeTogether(selectRuns(mixed, {})).map(({ index, config }) => [index, config.model]);
  expect(order.map(([index]) => index)).toEqual([0, 2, 1, 3]);
});
