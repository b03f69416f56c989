import { Hono } from 'hono';
import { firstDayLately } from '../../shared/days.ts';
import { LIMITS } from '../../shared/limits.ts';
import { joinRequest, meReply, type TeamReply, teamReply, teamRequest } from '../../shared/volunteers.ts';
import { inviteOf, teamIdFor, volunteersOnly } from '../auth.ts';
import { forget } from '../cache.ts';
import { atMost, describe, jsonBody } from '../describe.ts';
import type { App } from '../env.ts';
import { Refusal } from '../errors.ts';
import { CONTRIBUTORS, meOf, personOf } from '../person.ts';
import { notTooMuch, notTooOften } from '../rate-limit.ts';
import { workOfTeam } from '../store/contributions.ts';
import { foundTeam, joinTeam, leaveTeam, teamById, teamByInvite } from '../store/teams.ts';

const full = () => new Refusal('forbidden', `The team is full: it has ${LIMITS.teamMembersMax} members.`);

export const teams = new Hono<App>()
  .get(
    '/api/teams/:id',
    describe({
      summary: 'A team: the sums of its members, and those of them who chose to be named',
      description: 'Accepted work only. What members did before they joined counts while they are in it.',
      reply: teamReply,
      refusals: ['not-found'],
    }),
    async (c) => {
      const team = await teamById(c.env.DB, c.req.param('id'));
      if (!team) throw new Refusal('not-found', 'There is no such team.');
      const work = await workOfTeam(c.env.DB, team.id, firstDayLately(Date.now()));
      return c.json({ ...team, ...work } satisfies TeamReply);
    },
  )
  .post(
    '/api/teams',
    describe({
      summary: 'Found a team and be its first member',
      description:
        'Safe to repeat: the same name from the same volunteer is the same team. Leaves any other.',
      reply: meReply,
      refusals: ['bad-request', 'forbidden', 'too-large', 'too-many'],
      by: 'volunteer',
    }),
    atMost(LIMITS.smallBodyBytesMax),
    volunteersOnly,
    notTooMuch,
    notTooOften,
    jsonBody(teamRequest),
    async (c) => {
      const { id: founder } = await personOf(c);
      const { name } = c.req.valid('json');
      const id = await teamIdFor(c.env, founder, name);
      const invite = await inviteOf(c.env, id);
      const team = { id, name, invite, createdAtMs: Date.now() };
      if (!(await foundTeam(c.env.DB, founder, team))) throw full();
      forget(CONTRIBUTORS);
      return c.json(await meOf(c));
    },
  )
  .post(
    '/api/me/team',
    describe({
      summary: 'Join the team of an invitation',
      description: `Safe to repeat. Leaves any other. A team has at most ${LIMITS.teamMembersMax} members.`,
      reply: meReply,
      refusals: ['bad-request', 'forbidden', 'not-found', 'too-large', 'too-many'],
      by: 'volunteer',
    }),
    atMost(LIMITS.smallBodyBytesMax),
    volunteersOnly,
    notTooMuch,
    jsonBody(joinRequest),
    async (c) => {
      const { id } = await personOf(c);
      const team = await teamByInvite(c.env.DB, c.req.valid('json').invite);
      if (!team) throw new Refusal('not-found', 'There is no team with this invitation.');
      if (!(await joinTeam(c.env.DB, id, team.id))) throw full();
      forget(CONTRIBUTORS);
      return c.json(await meOf(c));
    },
  )
  .delete(
    '/api/me/team',
    describe({
      summary: 'Leave your team',
      description: 'Safe to repeat. A team that nobody is in is deleted.',
      reply: meReply,
      refusals: ['too-many'],
      by: 'volunteer',
    }),
    volunteersOnly,
    notTooMuch,
    async (c) => {
      const { id } = await personOf(c);
      await leaveTeam(c.env.DB, id);
      forget(CONTRIBUTORS);
      return c.json(await meOf(c));
    },
  );
