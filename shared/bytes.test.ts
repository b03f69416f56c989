import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base64, fromBase64, hex } from './bytes.ts';

test('what is not base64 is told from what is', () => {
  expect(fromBase64('AAEC')).toEqual(new Uint8Array([0, 1, 2]));
  expect(fromBase64('%')).toBeNull();
});

test('bytes survive base64, however many they are', () => {
  fc.assert(
    fc.property(
      fc.uint8Array(),
      (bytes) => Buffer.compare(fromBase64(base64(bytes)) as Uint8Array, bytes) === 0,
    ),
  );
  const many = new Uint8Array(100_000).map((_, i) => i);
  expect(fromBase64(base64(many))).toEqual(many);
});

test('every byte has two hexadecimal digits', () => {
  expect(hex(new Uint8Array([0, 10, 255]))).toBe('000aff');
});
