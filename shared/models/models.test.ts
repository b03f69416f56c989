import { expect, test } from 'vitest';
import { taskSize } from '../tasks/index.ts';
import { forwardFlops, nodeShapes, parameterCount } from './graph.ts';
import { initialWeights, modelGraph } from './index.ts';

const task = taskSize({
  kind: 'modular',
  op: 'add',
  p: 67,
  pairs: 'unordered',
  diagonal: false,
  trainFraction: 0.4,
});
const paper = modelGraph({ kind: 'embedding-mlp', embedding: 500, hidden: 48, activation: 'relu' }, task);

test('the network of the paper has its parameters, in the published order', () => {
  expect(paper.parameters.map(({ name, shape }) => [name, ...shape])).toEqual([
    ['E', 67, 500],
    ['Win', 500, 48],
    ['Wout', 48, 500],
    ['Wunemb', 500, 67],
  ]);
  expect(parameterCount(paper)).toBe(67 * 500 * 2 + 48 * 500 * 2);
  expect(nodeShapes(paper)[paper.logits]).toEqual({ rows: 0, columns: 67, batched: true });
});

test('a step of the paper costs 0.3 GFLOP as its graph is written', () => {
  const perRow = 2 * (67 * 500 + 500 * 48 + 48 * 500 + 500 * 67);
  expect(forwardFlops(paper, 884)).toBe(884 * perRow);
});

test('initial weights are normal with deviation scale / sqrt(fan-in)', () => {
  const weights = initialWeights(paper, 2, 7);
  paper.parameters.forEach(({ shape }, i) => {
    const values = weights[i] as Float32Array;
    const deviation = Math.sqrt(values.reduce((sum, w) => sum + w * w, 0) / values.length);
    expect(values.length).toBe(shape[0] * shape[1]);
    expect(deviation * Math.sqrt(shape[0])).toBeGreaterThan(1.95);
    expect(deviation * Math.sqrt(shape[0])).toBeLessThan(2.05);
  });
  expect(initialWeights(paper, 2, 8)[0]).not.toEqual(weights[0]);
  expect((weights[0] as Float32Array).slice(0, 9)).not.toEqual((weights[1] as Float32Array).slice(0, 9));
});
