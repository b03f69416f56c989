import { expect, test } from 'vitest';
import { exactJson, sha256 } from './digest.ts';

test('a digest is the SHA-256 that everybody computes', async () => {
  // printf abc | sha256sum
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(await sha256('abc')).toBe(abc);
  expect(await sha256(new Uint8Array([97, 98, 99]))).toBe(abc);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('%d never becomes null on its way to storage', (value) => {
  expect(() => exactJson({ rows: [{ credit: value }] })).toThrow('credit');
  expect(exactJson({ rows: [{ credit: 1, none: null }] })).toBe('{"rows":[{"credit":1,"none":null}]}');
});
