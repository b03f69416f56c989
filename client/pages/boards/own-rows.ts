import type { Contributors, MeReply } from '../../../shared/volunteers.ts';

export type Span = 'lately' | 'allTime';

/** Where a volunteer stands on a board; null where not on it by name. */
export interface OwnRows {
  /** Place among the volunteers. */
  volunteer: number | null;
  /** Id of the team. */
  team: string | null;
  /** Counted in the row of those who are not named. */
  isUnlisted: boolean;
}

/** What public pages call a volunteer: the name, if it may be seen, else "anonymous" and the beginning of the number. */
export const displayName = ({
  name,
  isListed,
  volunteerId,
}: Pick<MeReply, 'name' | 'isListed' | 'volunteerId'>): string =>
  isListed && name !== null ? name : `anonymous ${volunteerId.slice(0, 4)}`;

/**
 * Finds a volunteer's own rows. Boards tell names and not numbers, and names need not differ: among several of the same
 * name it is the one with the same work; should none have it, since boards may lag behind, none is marked.
 */
export function ownRows({ volunteers }: Contributors, me: MeReply | null, span: Span): OwnRows {
  if (!me) return { volunteer: null, team: null, isUnlisted: false };
  const work = span === 'lately' ? me.lately : me.accepted;
  const name = displayName(me);
  const named = volunteers.flatMap((row, i) => (row.volunteer === name ? [{ ...row, i }] : []));
  const exact = named.filter(({ runs, credit }) => runs === work.runs && credit === work.credit);
  const own = named.length === 1 ? named[0] : exact[0];
  return {
    volunteer: me.isListed ? (own?.i ?? null) : null,
    team: me.team?.id ?? null,
    isUnlisted: !me.isListed && work.credit > 0,
  };
}
