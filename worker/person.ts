// What the server holds of the volunteer who asks, and nobody else.

import type { Context } from 'hono';
import { firstDayLately } from '../shared/days.ts';
import { LIMITS } from '../shared/limits.ts';
import type { MeReply, MyRunsReply } from '../shared/volunteers.ts';
import { deletedVolunteer, inviteOf } from './auth.ts';
import { mergeMyRuns } from './dispatcher/mine.ts';
import type { App, Env } from './env.ts';
import { askAll, stripesOfOne } from './places.ts';
import { workOf } from './store/contributions.ts';
import { refusedOf } from './store/refusals.ts';
import { teamById } from './store/teams.ts';
import { type Person, personById } from './store/volunteers.ts';

/** Under which the boards are kept for a moment; whoever changes what they say drops them. */
export const CONTRIBUTORS = 'contributors';

/** Whoever asks. Throws a refusal where they were deleted a moment ago. */
export async function personOf(c: Context<App>): Promise<Person> {
  const person = await personById(c.env.DB, c.get('volunteerId'));
  if (!person) throw deletedVolunteer();
  return person;
}

export async function meOf(c: Context<App>): Promise<MeReply> {
  const { env } = c;
  const { id, name, isListed, createdAtMs, teamId } = await personOf(c);
  const nowMs = Date.now();
  const asked = { firstDay: firstDayLately(nowMs), sweepsMax: LIMITS.sweepsOfMineMax };
  const [team, work, refused] = await Promise.all([
    teamId === null ? null : teamById(env.DB, teamId),
    workOf(env.DB, id, asked),
    refusedOf(env.DB, id, nowMs),
  ]);
  return {
    ...{ volunteerId: id, name, isListed, createdAtMs },
    team: team && { id: team.id, name: team.name, invite: await inviteOf(env, team.id) },
    ...work,
    refused,
  };
}

/** The volunteer's runs in a sweep, from one on. Null when there is no such sweep. */
export async function myRuns(
  env: Env,
  volunteerId: string,
  sweepId: string,
  from: number,
): Promise<MyRunsReply | null> {
  const stripes = await stripesOfOne(env, sweepId);
  if (stripes === null) return null;
  const of = { id: sweepId, stripes };
  return mergeMyRuns(await askAll(env, of, async (d, at) => d.runsOf(at, volunteerId, from)));
}
