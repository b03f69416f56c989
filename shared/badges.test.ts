import { describe, expect, test } from 'vitest';
import { BADGES, type Badge, badgesOf } from './badges.ts';

const volunteer = (runs: number, sweeps = 0, team = false, credit = 1) => ({
  accepted: { runs, credit: runs },
  sweeps: Array.from({ length: sweeps }, (_, i) => ({ sweepId: `s${i}`, title: 'A sweep', runs: 1, credit })),
  team: team ? { id: 't', name: 'Team', invite: '0'.repeat(32) } : null,
});

describe('a badge', () => {
  test.each<[Badge, number]>([
    ['firstRun', 1],
    ['tenRuns', 10],
    ['hundredRuns', 100],
    ['thousandRuns', 1000],
  ])('%s comes with run %d and not with the one before', (badge, runs) => {
    expect(badgesOf(volunteer(runs - 1))).not.toContain(badge);
    expect(badgesOf(volunteer(runs))).toContain(badge);
  });

  test.each<[Badge, number]>([
    ['threeSweeps', 3],
    ['tenSweeps', 10],
  ])('%s comes with sweep %d and not with the one before', (badge, sweeps) => {
    expect(badgesOf(volunteer(0, sweeps - 1))).not.toContain(badge);
    expect(badgesOf(volunteer(0, sweeps))).toContain(badge);
  });

  test('teamMember belongs to whoever is in a team', () => {
    expect(badgesOf(volunteer(0, 0, false))).toEqual([]);
    expect(badgesOf(volunteer(0, 0, true))).toEqual(['teamMember']);
  });
});

test('a sweep counts when something in it was accepted', () => {
  expect(badgesOf(volunteer(0, 3, false, 0))).toEqual([]);
});

test('who has done everything has every badge, in the order in which they are written down', () => {
  expect(badgesOf(volunteer(5000, 12, true))).toEqual([...BADGES]);
});
