import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { runCost } from './cost.ts';
import { type AxisSpec, runConfigSchema } from './schema.ts';
import { cellConfig, cellValues, readSweep, runAt, runsInCell, type Sweep, shapeOf } from './sweep.ts';
import { cellWords } from './words.ts';

const base = {
  name: 'test',
  title: 'A test',
  task: { p: 7, trainFraction: 0.5 },
  model: { embedding: 8, hidden: 4 },
  optimizer: { lr: 0.01 },
  train: { steps: 10 },
};

function sweep(change: Record<string, unknown>): Sweep {
  const read = readSweep({ ...base, ...change });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

const grid = (parameters: Record<string, AxisSpec>, run_cap?: number) =>
  sweep({ parameters, ...(run_cap ? { run_cap } : {}) });

test('a grid trains the first seed of every cell before the second of any', () => {
  const s = grid({
    'optimizer.weightDecay': { values: [0, 1] },
    'model.hidden': { values: [2, 3, 4] },
    seed: { values: [5, 9] },
  });
  const runs = Array.from({ length: s.runs }, (_, i) => runAt(s, i));
  expect(runs.map(({ cell }) => cell)).toEqual([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]);
  expect(runs.map(({ seed }) => seed)).toEqual([5, 5, 5, 5, 5, 5, 9, 9, 9, 9, 9, 9]);
  expect(runs[4]?.config).toMatchObject({ optimizer: { weightDecay: 1 }, model: { hidden: 3 } });
  expect(
    cellWords(
      s.axes.map(({ path }) => path),
      cellValues(s, 4),
    ),
  ).toBe('weight decay 1, hidden 3');
});

test('every cell of a grid is a different configuration, and every run is in its cell', () => {
  const lists = fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      lists,
      lists,
      lists,
      fc.option(fc.integer({ min: 1, max: 40 })),
      (embedding, hidden, seeds, cap) => {
        const s = grid(
          {
            'model.embedding': { values: embedding },
            'model.hidden': { values: hidden },
            seed: { values: seeds },
          },
          cap ?? undefined,
        );
        const all = embedding.length * hidden.length * seeds.length;
        const cells = new Set(
          Array.from({ length: s.cells }, (_, cell) => JSON.stringify(cellConfig(s, cell))),
        );
        const counts = Array.from({ length: s.cells }, () => 0);
        for (let i = 0; i < s.runs; i++) counts[runAt(s, i).cell] = (counts[runAt(s, i).cell] as number) + 1;
        return (
          s.runs === Math.min(all, cap ?? all) &&
          cells.size === s.cells &&
          counts.every((n, cell) => n === runsInCell(s, cell))
        );
      },
    ),
  );
});

test('a random search draws the same cells everywhere, within range, and finishes cell after cell', () => {
  const parameters = {
    'optimizer.lr': { min: 0.001, max: 0.1, distribution: 'log_uniform_values' },
    'optimizer.weightDecay': { min: 0.5, max: 2.5 },
    'model.hidden': { min: 2, max: 6 },
    'task.p': { values: [5, 7] },
    seed: { min: 0, max: 2 },
  };
  const s = sweep({ method: 'random', parameters, run_cap: 3000 });
  expect([s.runs, s.cells, s.seedCount]).toEqual([3000, 1000, 3]);
  expect([runAt(s, 0), runAt(s, 1), runAt(s, 3)].map(({ cell, seed }) => [cell, seed])).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
  ]);
  const drawn = Array.from({ length: s.cells }, (_, cell) => cellValues(s, cell) as number[]);
  const column = (i: number) => drawn.map((values) => values[i] as number);
  expect(column(0).every((lr) => lr >= 0.001 && lr <= 0.1)).toBe(true);
  // Half of a log-uniform draw lies below the geometric mean.
  expect(column(0).filter((lr) => lr < 0.01).length).toBeGreaterThan(440);
  expect(column(0).filter((lr) => lr < 0.01).length).toBeLessThan(560);
  expect(new Set(column(2))).toEqual(new Set([2, 3, 4, 5, 6]));
  expect(new Set(column(3))).toEqual(new Set([5, 7]));
  expect(cellValues(s, 0)).toEqual([0.002110088803168438, 1.1910392733635795, 5, 5]);
});

test('whatever a random search draws is a valid configuration', () => {
  const ranges: [string, number, number][] = [
    ['optimizer.lr', 1e-4, 1],
    ['optimizer.weightDecay', 0.1, 3],
    ['task.trainFraction', 0.2, 0.9],
    ['model.hidden', 1, 64],
    ['task.p', 3, 40],
    ['train.steps', 1, 50],
    ['threshold', 0.1, 1],
  ];
  for (const [path, min, max] of ranges) {
    for (const distribution of ['uniform', 'log_uniform_values', 'int_uniform']) {
      const read = readSweep({
        ...base,
        method: 'random',
        run_cap: 40,
        parameters: { [path]: { min, max, distribution } },
      });
      if (!read.ok) continue;
      const configs = Array.from({ length: read.value.runs }, (_, i) => runAt(read.value, i).config);
      for (const config of configs) expect(v.safeParse(runConfigSchema, config).success).toBe(true);
    }
  }
  const hidden = { 'model.hidden': { min: 8, max: 64, distribution: 'uniform' } };
  expect(readSweep({ ...base, method: 'random', run_cap: 3, parameters: hidden }).ok).toBe(false);
});

test('a random search over listed values takes each combination once, and no more than there are', () => {
  const parameters = {
    'optimizer.lr': { values: [0.1, 0.2, 0.3] },
    'model.hidden': { min: 1, max: 50 },
    seed: { values: [0, 1] },
  };
  const s = sweep({ method: 'random', parameters, run_cap: 200 });
  const cells = new Set(Array.from({ length: s.cells }, (_, cell) => JSON.stringify(cellValues(s, cell))));
  expect([s.cells, cells.size]).toEqual([100, 100]);
  expect(sweep({ method: 'random', parameters, run_cap: 9999 })).toMatchObject({ cells: 150, runs: 300 });
});

test('a million runs cost nothing until one is asked for', () => {
  const s = grid({
    'optimizer.weightDecay': { values: Array.from({ length: 1000 }, (_, i) => i / 100) },
    seed: { min: 0, max: 999 },
  });
  expect(s.runs).toBe(1_000_000);
  expect(runAt(s, 999_999)).toMatchObject({
    cell: 999,
    seed: 999,
    config: { optimizer: { weightDecay: 9.99 } },
  });
  expect(() => runAt(s, 1_000_000)).toThrow('not in 0 .. 999999');
});

test('runs have one shape when only numbers differ, and another when sizes do', () => {
  const s = grid({
    'optimizer.weightDecay': { values: [0, 1] },
    'task.trainFraction': { values: [0.5, 0.6] },
  });
  const shapes = Array.from({ length: 4 }, (_, i) => shapeOf(runAt(s, i).config));
  expect(shapes[0]).toBe(shapes[2]);
  expect(shapes[0]).not.toBe(shapes[1]);
});

test('cost grows with every size and with the number of steps', () => {
  const { config } = runAt(grid({}), 0);
  const cost = runCost(config).flops;
  const larger = [
    { ...config, task: { ...config.task, p: 11 } },
    { ...config, task: { ...config.task, trainFraction: 0.9 } },
    { ...config, model: { ...config.model, embedding: 9 } },
    { ...config, model: { ...config.model, hidden: 5 } },
    { ...config, train: { steps: 11 } },
  ];
  for (const other of larger) expect(runCost(other).flops).toBeGreaterThan(cost);
});
