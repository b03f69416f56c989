import type { MeReply } from '../../../shared/volunteers.ts';
import type { Identity } from '../../identity.ts';
import { belonging } from '../../words/belonging.ts';

/** What to call a volunteer to its face. */
export const nameOf = ({ name, volunteerId }: Pick<MeReply | Identity, 'name' | 'volunteerId'>): string =>
  name ?? belonging().me.anonymous(volunteerId.slice(0, 4));

/** A name as the server tells it to others: "anonymous" is a word, and so in the reader's language. */
export function shownName(volunteer: string): string {
  const digits = /^anonymous ([0-9a-f]{4})$/.exec(volunteer)?.[1];
  return digits === undefined ? volunteer : belonging().me.anonymous(digits);
}
