// What a volunteer has come past, once and for good: nothing runs out, and nothing asks to be kept up.

import type { MeReply } from './volunteers.ts';

export const BADGES = [
  'firstRun',
  'tenRuns',
  'hundredRuns',
  'thousandRuns',
  'threeSweeps',
  'tenSweeps',
  'teamMember',
] as const;
export type Badge = (typeof BADGES)[number];

/** Whole accepted runs that each of these takes. */
const RUNS = { firstRun: 1, tenRuns: 10, hundredRuns: 100, thousandRuns: 1000 } as const;
/** Sweeps with accepted work in them. */
const SWEEPS = { threeSweeps: 3, tenSweeps: 10 } as const;

/** The badges of a volunteer by what GET /api/me says, always in the same order. */
export function badgesOf({ accepted, sweeps, team }: Pick<MeReply, 'accepted' | 'sweeps' | 'team'>): Badge[] {
  const worked = sweeps.filter(({ credit }) => credit > 0).length;
  const has: Record<Badge, boolean> = {
    ...passed(RUNS, accepted.runs),
    ...passed(SWEEPS, worked),
    teamMember: team !== null,
  };
  return BADGES.filter((badge) => has[badge]);
}

const passed = <K extends Badge>(marks: Record<K, number>, reached: number): Record<K, boolean> =>
  Object.fromEntries(
    Object.entries<number>(marks).map(([badge, mark]) => [badge, reached >= mark]),
  ) as Record<K, boolean>;
