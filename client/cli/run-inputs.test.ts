import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { littleEndian } from '../../shared/engine/checkpoint.ts';
import { addition } from '../../test/configurations.ts';
import { checkTrainRows, readTrainRows, readWeights } from './run-inputs.ts';

const folder = mkdtempSync(join(tmpdir(), 'tabgrad-inputs-'));

function file(content: string | Uint8Array): string {
  const path = join(folder, 'input');
  writeFileSync(path, content);
  return path;
}

const config = addition({
  ...{ p: 5, embedding: 2, hidden: 3, trainFraction: 0.5, weightDecay: 1, steps: 10 },
});

test('weights are read parameter after parameter, as little-endian float32', () => {
  const all = Float32Array.from({ length: 32 }, (_, i) => i / 8);
  const [E, Win, Wout, Wunemb] = readWeights(file(littleEndian([all])), config);
  expect(E).toEqual(all.slice(0, 10));
  expect(Win).toEqual(all.slice(10, 16));
  expect(Wout).toEqual(all.slice(16, 22));
  expect(Wunemb).toEqual(all.slice(22));
});

test('a file of another length is told how many bytes each parameter needs', () => {
  const read = () => readWeights(file(new Uint8Array(124)), config);
  expect(read).toThrow(
    /has 124 bytes; this network needs 128:\n {2}E: 5 x 2 numbers, 40 bytes\n {2}Win: 2 x 3/,
  );
});

test('weights that are not finite are named', () => {
  const all = new Float32Array(32);
  all[11] = Number.NaN;
  expect(() => readWeights(file(littleEndian([all])), config)).toThrow('number 1 of Win is NaN');
});

test('a file that is not there is named', () =>
  expect(() => readWeights(join(folder, 'none'), config)).toThrow('none cannot be read'));

test('training rows are read from a JSON list', () => {
  const rows = readTrainRows(file('[3, 1, 14]'));
  expect([...rows]).toEqual([3, 1, 14]);
  expect(() => checkTrainRows(rows, config)).not.toThrow();
});

test.each([
  ['[0, 1.5]', '1.5 (entry 1) is not the number of a row'],
  ['[0, "1"]', '"1" (entry 1) is not the number of a row'],
  ['[0, null]', 'null (entry 1)'],
  ['{"0": 1}', 'must hold a list of row numbers'],
  ['[0,', 'is not JSON'],
])('training rows %s are refused in words', (text, words) =>
  expect(() => readTrainRows(file(text))).toThrow(words),
);

test.each([
  [[0, 15], 'training row 15 (entry 1) is not in 0 to 14'],
  [[-1, 2], 'training row -1 (entry 0)'],
  [[4, 7, 4], 'training row 4 (entry 2) occurs twice'],
  [[], '0 training rows; there must be 1 to 14'],
  [Array.from({ length: 15 }, (_, i) => i), '15 training rows; there must be 1 to 14'],
])('training rows %j do not fit a task of 15 rows', (rows, words) =>
  expect(() => checkTrainRows(Int32Array.from(rows), config)).toThrow(`--train-indices: ${words}`),
);
