import { expect, test } from 'vitest';
import { dutyWords, measuredWords, stepped } from './duty.ts';

test('the share of the time is said in words, and beside it what was measured', () => {
  expect([100, 75, 50, 25, 10].map(dutyWords)).toEqual([
    '100 %, all of the time',
    '75 %, most of the time',
    '50 %, about half of the time',
    '25 %, some of the time',
    '10 %, a little of the time',
  ]);
  expect(measuredWords(25, { share: 0.243, overMs: 20_010 })).toBe(
    'set 25 %, measured 24 % over the last 20 s',
  );
  expect(measuredWords(25, null)).toBe('set 25 %; measured once it trains');
});

test('it is changed in steps that stay within its bounds', () => {
  expect([stepped(50, 1), stepped(50, -1), stepped(100, 1), stepped(10, -1)]).toEqual([55, 45, 100, 10]);
});
