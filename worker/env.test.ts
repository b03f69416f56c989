import { expect, test } from 'vitest';
import { LIMITS } from '../shared/limits.ts';
import { leaseMsOf, stripesFor } from './env.ts';

test.each([
  ['5000', 5000],
  ['90000', 90_000],
])('LEASE_MS %s is taken as it is', (LEASE_MS, ms) => {
  expect(leaseMsOf({ LEASE_MS })).toBe(ms);
});

test.each(['', ' ', '0', '-1', '1.5', 'NaN', 'soon', '1e12', '499'])(
  'LEASE_MS %j is not a sensible lease',
  (LEASE_MS) => {
    expect(leaseMsOf({ LEASE_MS })).toBe(LIMITS.leaseMs);
  },
);

test('without LEASE_MS the default holds', () => {
  expect(leaseMsOf({})).toBe(LIMITS.leaseMs);
});

test.each([
  [undefined, 100, 1],
  ['', 100, 1],
  ['4', 100, 4],
  ['4', 3, 3],
  ['0', 100, 1],
  ['1.5', 100, 1],
  [String(LIMITS.stripesMax + 1), 100, 1],
])('with STRIPES %j a sweep of %d cells gets %d', (STRIPES, cells, stripes) => {
  expect(stripesFor(STRIPES === undefined ? {} : { STRIPES }, cells)).toBe(stripes);
});
