import { expect, test } from 'vitest';
import { LIMITS } from '../../shared/limits.ts';
import { Rates } from './rates.ts';

test('a device is as fast as it was seen to deliver since it last got or delivered something', () => {
  const rates = new Rates();
  rates.leased('d', 1000);
  expect(rates.observed('d')).toBeNull();
  rates.delivered('d', 5e9, 2000);
  expect(rates.observed('d')).toBe(5e9);
  rates.delivered('d', 1e9, 3000);
  expect(rates.observed('d')).toBe(3e9);
});

test('what was delivered in no time, or by a device nobody leased to, says nothing', () => {
  const rates = new Rates();
  rates.delivered('stranger', 1e15, 2000);
  rates.leased('d', 1000);
  rates.delivered('d', 1e15, 1000);
  expect([rates.observed('stranger'), rates.observed('d')]).toEqual([null, null]);
});

test('devices nobody has heard of for longest are forgotten', () => {
  const rates = new Rates();
  for (let device = 0; device <= LIMITS.openUnitsPerSweepMax; device++) {
    rates.leased(String(device), 0);
    rates.delivered(String(device), 1, 1000);
  }
  expect([rates.observed('0'), rates.observed('1')]).toEqual([null, 1]);
});
