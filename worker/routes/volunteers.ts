import { Hono } from 'hono';
import { LIMITS } from '../../shared/limits.ts';
import { type VolunteerReply, volunteerReply, volunteerRequest } from '../../shared/protocol.ts';
import { volunteerIdFor, volunteerToken } from '../auth.ts';
import { atMost, describe, jsonBody } from '../describe.ts';
import type { App, Env } from '../env.ts';
import { notTooOften } from '../rate-limit.ts';
import { insertVolunteer } from '../store/volunteers.ts';

export const volunteers = new Hono<App>().post(
  '/api/volunteers',
  describe({
    summary: 'Become a volunteer',
    description:
      'The same nonce gives the same volunteer and token again; without one, whoever loses the token becomes another. Of a deleted volunteer the nonce gives a new one.',
    reply: volunteerReply,
    statuses: [201],
    refusals: ['bad-request', 'too-large', 'too-many'],
  }),
  notTooOften,
  atMost(LIMITS.smallBodyBytesMax),
  jsonBody(volunteerRequest),
  async (c) => {
    const { name: wished = null, nonce } = c.req.valid('json');
    const asked = await register(c.env, await volunteerIdFor(c.env, nonce), wished);
    // Who was deleted stays so.
    const reply = asked ?? (await register(c.env, await volunteerIdFor(c.env, undefined), wished));
    if (!reply) throw new Error('a new volunteer was deleted before');
    return c.json(reply, 201);
  },
);

/** Null where the volunteer was deleted. */
async function register(
  env: Env,
  volunteerId: string,
  wished: string | null,
): Promise<VolunteerReply | null> {
  const token = await volunteerToken(env, volunteerId);
  const name = await insertVolunteer(env.DB, volunteerId, wished, Date.now());
  return name === undefined ? null : { volunteerId, token, name };
}
