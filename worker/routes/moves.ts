// Carrying a volunteer to another device, by a code that is good once and for a few minutes.

import { Hono } from 'hono';
import { hex } from '../../shared/bytes.ts';
import { LIMITS } from '../../shared/limits.ts';
import { type VolunteerReply, volunteerReply } from '../../shared/protocol.ts';
import { type MoveReply, moveReply, moveRequest } from '../../shared/volunteers.ts';
import { volunteersOnly, volunteerToken } from '../auth.ts';
import { atMost, describe, jsonBody } from '../describe.ts';
import type { App } from '../env.ts';
import { Refusal } from '../errors.ts';
import { personOf } from '../person.ts';
import { notTooMuch, notTooOften } from '../rate-limit.ts';
import { addMove, useMove } from '../store/moves.ts';
import { personById } from '../store/volunteers.ts';

/** The same words whatever is wrong with a code. */
const noSuchCode = () =>
  new Refusal(
    'not-found',
    'This code was used, has run out, or never was one. Make another on the first device.',
  );

export const moves = new Hono<App>()
  .post(
    '/api/me/moves',
    describe({
      summary: 'Make a code that carries you to another device',
      description: `Good once, for ten minutes; of more than ${LIMITS.movesOpenMax} the oldest are dropped.`,
      reply: moveReply,
      statuses: [201],
      refusals: ['too-many'],
      by: 'volunteer',
    }),
    atMost(LIMITS.smallBodyBytesMax),
    volunteersOnly,
    notTooMuch,
    async (c) => {
      const { id } = await personOf(c);
      const nowMs = Date.now();
      const code = hex(crypto.getRandomValues(new Uint8Array(16)));
      const move: MoveReply = { code, expiresAtMs: nowMs + LIMITS.moveMs };
      await addMove(c.env.DB, id, move, nowMs);
      return c.json(move, 201);
    },
  )
  .post(
    '/api/moves',
    describe({
      summary: 'Become the volunteer who made a code',
      description: 'Uses the code up: asking again is answered 404, like a code that never was one.',
      reply: volunteerReply,
      refusals: ['bad-request', 'not-found', 'too-large', 'too-many'],
    }),
    notTooOften,
    atMost(LIMITS.smallBodyBytesMax),
    jsonBody(moveRequest),
    async (c) => {
      const { DB } = c.env;
      const volunteerId = await useMove(DB, c.req.valid('json').code, Date.now());
      const person = volunteerId === null ? null : await personById(DB, volunteerId);
      if (!person) throw noSuchCode();
      const { id, name } = person;
      const token = await volunteerToken(c.env, id);
      return c.json({ volunteerId: id, token, name } satisfies VolunteerReply);
    },
  );
