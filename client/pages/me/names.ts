import type { MeReply } from '../../../shared/volunteers.ts';
import type { Identity } from '../../identity.ts';
import { belonging } from '../../words/belonging.ts';

/** What to call a volunteer to its face. */
export const nameOf = ({ name, volunteerId }: Pick<MeReply | Identity, 'name' | 'volunteerId'>): string =>
  name ?? belonging().me.anonymous(volunteerId.slice(0, 4));
