import { expect, test } from 'vitest';
import { promiseOf } from './promises.ts';

test('a problem leads to the promise it breaks', () => {
  expect(promiseOf('grid-0123abcd: P3: run 7 was leased and forgotten')).toBe('P3');
  expect(promiseOf('the sweep mP3x-0123abcd cannot be read')).toBeNull();
  expect(promiseOf('P9: something else')).toBeNull();
});
