import { expect, test } from 'vitest';
import { isOverdue, recentProblems } from './checks.ts';

const HOUR = 3_600_000;
const check = (atHours: number, ...problems: string[]) => ({ atMs: atHours * HOUR, problems });

test('a check that found nothing does not clear what another found within a day', () => {
  const checks = [check(30), check(29, 'P1: lost'), check(5, 'P2: twice')];
  expect(recentProblems(checks, 30 * HOUR)).toEqual([{ words: 'P1: lost', atMs: 29 * HOUR }]);
  expect(recentProblems(checks, 29 * HOUR).map(({ words }) => words)).toEqual(['P1: lost', 'P2: twice']);
});

test('a problem found again and again is told once, with when it was last seen', () => {
  const checks = [check(3, 'P1: lost'), check(2, 'P1: lost')];
  expect(recentProblems(checks, 3 * HOUR)).toEqual([{ words: 'P1: lost', atMs: 3 * HOUR }]);
});

test('what the newest check found is never forgotten, however long ago', () => {
  expect(recentProblems([check(1, 'P1: lost')], 900 * HOUR)).toHaveLength(1);
});

test('a check is overdue once the next one should have run, and not before there was any', () => {
  expect(isOverdue([], 900 * HOUR)).toBe(false);
  expect(isOverdue([check(1)], 3 * HOUR)).toBe(false);
  expect(isOverdue([check(1)], 3 * HOUR + 1)).toBe(true);
});
