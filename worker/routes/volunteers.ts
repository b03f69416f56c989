import { Hono } from 'hono';
import { LIMITS } from '../../shared/limits.ts';
import { type VolunteerReply, volunteerReply, volunteerRequest } from '../../shared/protocol.ts';
import { volunteerIdFor, volunteerToken } from '../auth.ts';
import { atMost, describe, jsonBody } from '../describe.ts';
import type { App } from '../env.ts';
import { notTooOften } from '../rate-limit.ts';
import { insertVolunteer } from '../store/volunteers.ts';

export const volunteers = new Hono<App>().post(
  '/api/volunteers',
  describe({
    summary: 'Become a volunteer',
    description:
      'The same nonce gives the same volunteer and token again; without one, whoever loses the token becomes another.',
    reply: volunteerReply,
    statuses: [201],
    refusals: ['bad-request', 'too-large', 'too-many'],
  }),
  notTooOften,
  atMost(LIMITS.smallBodyBytesMax),
  jsonBody(volunteerRequest),
  async (c) => {
    const { name: wished = null, nonce } = c.req.valid('json');
    const volunteerId = await volunteerIdFor(c.env, nonce);
    const token = await volunteerToken(c.env, volunteerId);
    const name = await insertVolunteer(c.env.DB, volunteerId, wished, Date.now());
    return c.json({ volunteerId, token, name } satisfies VolunteerReply, 201);
  },
);
