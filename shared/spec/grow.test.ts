import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../limits.ts';
import { grownSweep } from './grow.ts';
import { localRun, stripeOfRun } from './stripe.ts';
import { readSweep, runAt, type Sweep } from './sweep.ts';

const spec = (more: object = {}) => ({
  name: 'grown',
  title: 'A sweep that grows',
  task: { p: 5, trainFraction: 0.6 },
  model: { embedding: 4, hidden: 4 },
  optimizer: { lr: 0.01 },
  train: { steps: 10 },
  ...more,
});

function sweepOf(more: object = {}): Sweep {
  const read = readSweep(spec(more));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

const axes = { 'optimizer.weightDecay': { values: [0, 0.5, 1] }, 'init.scale': { values: [1, 2] } };
const seeds = fc.constantFrom(undefined, { value: 5 }, { values: [3, 1] }, { min: 2, max: 4 });
const shape = fc.record({
  method: fc.constantFrom('grid', 'random'),
  range: fc.boolean(),
  seed: seeds,
  run_cap: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
});

const someSweep = shape.map(({ method, range, seed, run_cap }) => {
  const isRandom = method === 'random';
  const parameters = {
    ...axes,
    ...(range && isRandom ? { 'optimizer.lr': { min: 0.001, max: 0.1 } } : {}),
    ...(seed ? { seed } : {}),
  };
  const cap = run_cap ?? (isRandom ? 7 : undefined);
  return sweepOf({ method, parameters, ...(cap ? { run_cap: cap } : {}) });
});

const growth = fc.record(
  { run_cap: fc.integer({ min: 1, max: 60 }), seeds: fc.integer({ min: 1, max: 9 }) },
  { requiredKeys: [] },
);

test('a sweep that grows keeps every run where it was, also within its stripe', () => {
  let grew = 0;
  fc.assert(
    fc.property(someSweep, growth, fc.integer({ min: 1, max: 4 }), (sweep, more, stripes) => {
      const grown = grownSweep(sweep, more);
      if (!grown.ok) return;
      if (grown.value.runs > sweep.runs) grew++;
      expect(grown.value.runs).toBeGreaterThanOrEqual(sweep.runs);
      for (let run = 0; run < sweep.runs; run++) {
        expect(runAt(grown.value, run)).toEqual(runAt(sweep, run));
        const place = { stripes, stripe: stripeOfRun(sweep, stripes, run) };
        expect(localRun(grown.value, place, run)).toBe(localRun(sweep, place, run));
      }
      expect(grownSweep(grown.value, more)).toEqual(grown);
    }),
    { numRuns: 500 },
  );
  expect(grew).toBeGreaterThan(50);
});

describe('seeds are appended as the next whole numbers', () => {
  test.each([
    ['to none', {}, [0, 1, 2, 3]],
    ['to one', { seed: { value: 7 } }, [7, 8, 9, 10]],
    ['to a list, after the largest', { seed: { values: [5, 1] } }, [5, 1, 6, 7]],
    ['to a range', { seed: { min: 2, max: 3 } }, [2, 3, 4, 5]],
  ])('%s', (_, seed, expected) => {
    const grown = grownSweep(sweepOf({ parameters: { ...axes, ...seed } }), { seeds: 4 });
    if (!grown.ok) throw new Error(JSON.stringify(grown.problems));
    const { cells, runs } = grown.value;
    const all = Array.from({ length: runs / cells }, (_, i) => runAt(grown.value, i * cells).seed);
    expect([cells, all]).toEqual([6, expected]);
  });
});

test('a random search grows by its cap, one configuration after the other', () => {
  const sweep = sweepOf({ method: 'random', parameters: { ...axes, seed: { values: [0, 1] } }, run_cap: 5 });
  const grown = grownSweep(sweep, { run_cap: 8 });
  expect(grown.ok && [grown.value.cells, grown.value.runs]).toEqual([4, 8]);
});

describe('what does not add a run is refused in words:', () => {
  const capped = { parameters: axes, run_cap: 5 };
  const random = { method: 'random', parameters: axes, run_cap: 4 };
  const range = { parameters: { seed: { min: 0, max: 3 } } };
  test.each([
    ['fewer runs', capped, { run_cap: 4 }, 'run_cap', '5 or more'],
    ['fewer seeds', range, { seeds: 3 }, 'seeds', '4 or more'],
    ['more seeds under the same cap', capped, { seeds: 2 }, 'seeds', 'a higher run_cap as well'],
    ['a cap over all there is', range, { run_cap: 9 }, 'run_cap', 'more seeds as well'],
    ['seeds of a random search', random, { seeds: 2 }, 'seeds', 'run_cap instead: a random search'],
  ])('%s', (_, more, change, field, expected) => {
    const grown = grownSweep(sweepOf(more), change);
    expect(grown).toMatchObject({
      ok: false,
      problems: [{ field, expected: expect.stringContaining(expected) }],
    });
  });
});

test('a sweep grows within the limits of a new one', () => {
  const grid = sweepOf({ parameters: { ...axes, seed: { min: 0, max: 1 } } });
  expect(grownSweep(grid, { seeds: LIMITS.runsMax })).toMatchObject({ ok: false });
  const last = sweepOf({ parameters: { seed: { value: 0xffffffff } } });
  expect(grownSweep(last, { seeds: 2 })).toMatchObject({ ok: false });
});
