// The same spec, seed and version give the same bits everywhere: this file runs in Node, in workerd and in Chromium.
// The values were made by the calls beside them; a change of any of them is a new version, never an edit.

import { expect, test } from 'vitest';
import { initialWeights, modelGraph } from '../../shared/models/index.ts';
import { exactExp, exactLn, normal, shuffled, uniform, words } from '../../shared/random.ts';
import { splitRows, taskRows, taskSize } from '../../shared/tasks/index.ts';

const task = {
  kind: 'modular',
  op: 'add',
  p: 31,
  pairs: 'unordered',
  diagonal: true,
  trainFraction: 0.7,
} as const;
const model = { kind: 'embedding-mlp', embedding: 64, hidden: 32, activation: 'relu' } as const;

/** FNV-1a over the bytes of a typed array. */
function fingerprint(...arrays: (Float32Array | Int32Array | Float64Array)[]): string {
  let hash = 0x811c9dc5;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength))
      hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

test('random words, uniform values and normal deviates', () => {
  expect(words(0, 'init', 0)).toEqual([507451445, 1853169794]);
  expect(uniform(7, 'split', 123456)).toBe(0.646569878250795);
  expect([0, 1, 2].map((i) => normal(42, 'init', i, 3))).toEqual([
    -0.5560662704551111, -0.7968011439090089, -0.9570507579923156,
  ]);
  const many = Float64Array.from({ length: 10_000 }, (_, i) => normal(0, 'init', i));
  expect(fingerprint(many)).toBe('057367be');
});

test('own logarithm and exponential', () => {
  const values = Float64Array.from({ length: 2000 }, (_, i) =>
    i % 2 ? exactLn(1e-9 * (i + 1) ** 4) : exactExp(i / 5 - 150),
  );
  expect(fingerprint(values)).toBe('4d6fdb5d');
});

test('shuffles, tasks and splits', () => {
  expect([...shuffled(0, 'split', 10)]).toEqual([9, 3, 7, 2, 0, 6, 8, 5, 1, 4]);
  const { tokens, targets } = taskRows(task);
  expect(fingerprint(tokens, targets)).toBe('249b7f85');
  const { train, test: held } = splitRows(task, 5);
  expect(fingerprint(train, held)).toBe('dcdae355');
});

test('initial weights', () => {
  const weights = initialWeights(modelGraph(model, taskSize(task)), 1, 0);
  expect([...(weights[0] as Float32Array).slice(0, 3)]).toEqual([
    -0.21270376443862915, -0.11632240563631058, -0.019798478111624718,
  ]);
  expect(fingerprint(...weights)).toBe('354569eb');
});
