import { expect, test } from 'vitest';
import { PHENOMENA } from './phenomena.ts';
import { phenomenonOf } from './phenomenon.ts';
import { canonicalSpec, readSweep, sweepIdOf } from './sweep.ts';

const base = {
  name: 'tiny',
  title: 'A tiny sweep',
  task: { p: 7, trainFraction: 0.5 },
  model: { embedding: 4, hidden: 4 },
  optimizer: { lr: 0.01 },
  train: { steps: 40 },
};

const specOf = (more: object = {}) => {
  const read = readSweep({ ...base, ...more });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value.spec;
};

const train = { kind: 'train', steps: 10 };
const prune = { kind: 'prune', fraction: 0.5 };
const following = (...phases: object[]) =>
  phenomenonOf(specOf({ programme: 'own', programmes: { own: phases } }));

test('pruning alone is pruning', () => {
  expect(following(train, prune, train)).toBe('pruning');
  expect(following({ kind: 'repeat', times: 2, phases: [train, { ...prune, of: 'remaining' }] }, train)).toBe(
    'pruning',
  );
  expect(following({ kind: 'edge-popup', steps: 10, fraction: 0.5 })).toBe('pruning');
});

test.each([
  { kind: 'rewind' },
  { kind: 'reinit' },
  { kind: 'rescale', norm: 'l2' },
  { kind: 'shuffle-mask' },
])('a mask under which weights begin anew is a lottery ticket ($kind)', (phase) => {
  expect(following(train, prune, phase, train)).toBe('lottery-tickets');
});

test('a mask that is taken over is a lottery ticket, weights alone are not', () => {
  const keep = { kind: 'snapshot', name: 'early' };
  const load = { kind: 'load', snapshot: 'early' };
  expect(following(train, keep, train, { ...load, what: 'mask' }, train)).toBe('lottery-tickets');
  expect(following(train, keep, train, { ...load, what: 'weights' }, train)).toBe('grokking');
});

test('a task of rules and no mask is grokking, any other is other', () => {
  expect(phenomenonOf(specOf())).toBe('grokking');
  const parity = { kind: 'parity', bits: 8, relevant: 3, trainRows: 50, testRows: 50 };
  expect(phenomenonOf(specOf({ task: parity, model: { kind: 'mlp', hidden: [8] } }))).toBe('grokking');
  const teacher = { kind: 'teacher', features: 4, teacherHidden: 4, trainRows: 8, testRows: 8 };
  const loss = { kind: 'squared-error' };
  expect(phenomenonOf(specOf({ task: teacher, model: { kind: 'mlp', hidden: [8] }, loss }))).toBe('other');
});

test('what the spec says counts', () => {
  for (const phenomenon of PHENOMENA) expect(phenomenonOf(specOf({ phenomenon }))).toBe(phenomenon);
  const wrong = readSweep({ ...base, phenomenon: 'magic' });
  expect(wrong.ok ? null : wrong.problems[0]?.expected).toContain('grokking, lottery-tickets');
});

test('a spec that does not say it has the text and the address it always had', () => {
  expect(canonicalSpec(specOf())).not.toContain('phenomenon');
  expect(sweepIdOf(specOf())).not.toBe(sweepIdOf(specOf({ phenomenon: 'grokking' })));
});
