import { expect, test } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';

const checkpoint = { step: 1234, tensors: [Float32Array.from([1, -2.5]), Float32Array.from([3])] };
const bytes = encodeCheckpoint(checkpoint);

test('a checkpoint survives its bytes', () => {
  expect(decodeCheckpoint(bytes, [2, 1])).toEqual(checkpoint);
});

test('a checkpoint of another network, cut short or damaged anywhere is refused', () => {
  expect(() => decodeCheckpoint(bytes, [1, 2])).toThrow('another network');
  expect(() => decodeCheckpoint(bytes, [2, 2])).toThrow('bytes');
  expect(() => decodeCheckpoint(bytes.slice(0, 8), [2, 1])).toThrow('not a checkpoint');
  for (let i = 0; i < bytes.length; i++) {
    const damaged = bytes.slice();
    damaged[i] = (damaged[i] as number) ^ 1;
    expect(() => decodeCheckpoint(damaged, [2, 1])).toThrow();
  }
});
