import type { MeReply } from '../../shared/volunteers.ts';
import { getMe } from '../api-me.ts';
import type { Identity } from '../identity.ts';
import { type Fetched, useFetched } from './use-fetched.ts';

/** What the server keeps of this browser's volunteer; null where it is nobody, and then nothing is asked. */
export const useMe = (identity: Identity | null): Fetched<MeReply | null> =>
  useFetched(identity?.token ?? '', (signal) =>
    identity ? getMe(identity.token, signal) : Promise.resolve(null),
  );
