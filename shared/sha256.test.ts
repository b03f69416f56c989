import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hex } from './bytes.ts';
import { sha256 } from './sha256.ts';

const text = (words: string) => new TextEncoder().encode(words);

test('the published answers', () => {
  expect(hex(sha256(text('')))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(hex(sha256(text('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('any bytes, also a part of a larger buffer, have the digest others give them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (bytes, from) => {
      const part = bytes.subarray(Math.min(from, bytes.length));
      expect(hex(sha256(part))).toBe(createHash('sha256').update(part).digest('hex'));
    }),
    { numRuns: 500 },
  );
});
