import { Hono } from 'hono';
import { LIMITS } from '../../shared/limits.ts';
import { type VolunteerReply, volunteerReply, volunteerRequest } from '../../shared/protocol.ts';
import { newVolunteerId, volunteerToken } from '../auth.ts';
import { atMost, describe, jsonBody } from '../describe.ts';
import type { App } from '../env.ts';
import { notTooOften } from '../rate-limit.ts';
import { insertVolunteer } from '../store/volunteers.ts';

export const volunteers = new Hono<App>().post(
  '/api/volunteers',
  describe({
    summary: 'Become a volunteer',
    description: 'The token cannot be had again; whoever loses it becomes another volunteer.',
    reply: volunteerReply,
    statuses: [201],
    refusals: ['bad-request', 'too-large', 'too-many'],
  }),
  notTooOften,
  atMost(LIMITS.smallBodyBytesMax),
  jsonBody(volunteerRequest),
  async (c) => {
    const name = c.req.valid('json').name ?? null;
    const volunteerId = newVolunteerId();
    const token = await volunteerToken(c.env, volunteerId);
    await insertVolunteer(c.env.DB, volunteerId, name, Date.now());
    return c.json({ volunteerId, token, name } satisfies VolunteerReply, 201);
  },
);
