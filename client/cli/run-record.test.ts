import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Curve } from '../../shared/curve.ts';
import { readSweep, runAt, type Sweep, sweepIdOf } from '../../shared/spec/sweep.ts';
import { openOutput, tableOf } from './run-output.ts';
import { recordOf } from './run-record.ts';

const read = readSweep({
  name: 'small',
  title: 'Small',
  task: { p: 7, trainFraction: 0.5 },
  model: { embedding: 4, hidden: 4 },
  optimizer: { lr: 0.01 },
  train: { steps: 4 },
  parameters: { 'optimizer.weightDecay': { values: [0, 1.5] }, seed: { values: [3] } },
});
if (!read.ok) throw new Error('the spec is broken');
const sweep: Sweep = read.value;

const curve = (testAccuracy: number[], divergedAt: number | null): Curve => {
  const values = Float32Array.from(testAccuracy);
  const losses = values.map((accuracy) => 1 - accuracy);
  return {
    steps: testAccuracy.map((_, i) => i),
    channels: {
      'train.loss': losses,
      'train.accuracy': values,
      'test.loss': losses,
      'test.accuracy': values,
    },
    divergedAt,
  };
};

const record = (index: number, of: Curve) =>
  recordOf(
    runAt(sweep, index),
    { index: 0, curve: of, weightsDigest: 'd1', elapsedMs: 20 },
    { sweepId: sweepIdOf(sweep.spec), sweep, engine: { name: 'wasm', version: '1' } },
  );

test('a line says what was run, what came out and how fast', () => {
  const line = record(1, curve([0.1, 0.5, 1, 1, 1], null));
  expect(line).toMatchObject({
    index: 1,
    parameters: { 'optimizer.weightDecay': 1.5 },
    seed: 3,
    engine: 'wasm',
    steps: [0, 1, 2, 3, 4],
    ...{ tMem: 2, tGen: 2, tau: 1, censoredAt: null, divergedAt: null },
    stepsPerSecond: 200,
    weightsDigest: 'd1',
  });
  expect(line.sweep).toMatch(/^small-[0-9a-f]{8}$/);
  expect(line.curves['test.accuracy']).toEqual(
    [0.1, 0.5, 1, 1, 1].map((x) => Number(Math.fround(x).toPrecision(9))),
  );
});

test('a run that did not generalise is later than its last step; one that diverged is not', () => {
  expect(record(0, curve([0, 0, 0, 0, 0], null))).toMatchObject({
    tGen: null,
    censoredAt: 4,
    divergedAt: null,
  });
  expect(record(0, curve([0, 0], 2))).toMatchObject({
    tGen: null,
    censoredAt: null,
    divergedAt: 2,
    steps: [0, 1],
  });
});

test('the table has a row for each run, in their order', () => {
  const lines = tableOf([record(1, curve([0, 1, 1, 1, 1], null)), record(0, curve([0, 0], 2))]).split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^0 +weight decay 0 +3 +- +diverged at 2/);
  expect(lines[2]).toMatch(/^1 +weight decay 1\.5 +3 +1 +1 +1\.00 +100\.0 % +100\.0 %/);
});

test('an output file is not replaced unless that is asked for', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'tabgrad-out-')), 'out.jsonl');
  const write = (replace: boolean) => {
    const output = openOutput(path, replace);
    output.add([record(0, curve([0, 0], 2))]);
    output.end();
  };
  write(false);
  expect(() => write(false)).toThrow('exists already');
  write(true);
  expect(
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).index),
  ).toEqual([0]);
});
