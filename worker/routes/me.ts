// What a volunteer sees, changes and deletes of themselves. Nobody is named in these addresses: the token says who asks.

import { Hono } from 'hono';
import * as v from 'valibot';
import { LIMITS } from '../../shared/limits.ts';
import {
  type ExportReply,
  exportReply,
  goneReply,
  meChange,
  meReply,
  myRunsReply,
} from '../../shared/volunteers.ts';
import { volunteersOnly } from '../auth.ts';
import { forget } from '../cache.ts';
import { atMost, describe, jsonBody, query, wholeText } from '../describe.ts';
import type { App, Env } from '../env.ts';
import { Refusal } from '../errors.ts';
import { noteGone } from '../gone.ts';
import { CONTRIBUTORS, meOf, myRuns, personOf } from '../person.ts';
import { stripesOfOne } from '../places.ts';
import { notTooMuch } from '../rate-limit.ts';
import { contributionsOf } from '../store/contributions.ts';
import { movesOf } from '../store/moves.ts';
import { changePerson, deletePerson } from '../store/volunteers.ts';

const runsQuery = v.object({
  /** First run to show. */
  from: v.optional(wholeText(0)),
});

export const me = new Hono<App>()
  .get(
    '/api/me',
    describe({
      summary: 'What the server holds of you, but the runs themselves',
      description: 'Sums lag a few seconds behind what was accepted.',
      reply: meReply,
      refusals: ['too-many'],
      by: 'volunteer',
    }),
    volunteersOnly,
    notTooMuch,
    async (c) => c.json(await meOf(c)),
  )
  .patch(
    '/api/me',
    describe({
      summary: 'Change your name, or whether others may see it',
      description: 'Safe to repeat. What is missing stays as it is; a name of null takes it away.',
      reply: meReply,
      refusals: ['bad-request', 'too-large', 'too-many'],
      by: 'volunteer',
    }),
    atMost(LIMITS.smallBodyBytesMax),
    volunteersOnly,
    notTooMuch,
    jsonBody(meChange),
    async (c) => {
      await changePerson(c.env.DB, c.get('volunteerId'), c.req.valid('json'));
      forget(CONTRIBUTORS);
      return c.json(await meOf(c));
    },
  )
  .delete(
    '/api/me',
    describe({
      summary: 'Delete yourself',
      description:
        'Name, team, open codes and refused results are deleted. Accepted results stay, under a number that nothing connects to anybody. The token is refused from then on, so asking again is answered 401.',
      reply: goneReply,
      refusals: ['too-many'],
      by: 'volunteer',
    }),
    volunteersOnly,
    notTooMuch,
    async (c) => {
      const { id } = await personOf(c);
      await deletePerson(c.env.DB, id, Date.now());
      noteGone(id);
      forget(CONTRIBUTORS);
      return c.json({ ok: true });
    },
  )
  .get(
    '/api/me/runs/:sweepId',
    describe({
      summary: 'The runs of a sweep that you trained, or trained a part of',
      description: 'Of accepted parts only; nextRun says where the next page starts (from).',
      reply: myRunsReply,
      refusals: ['bad-request', 'not-found', 'too-many'],
      by: 'volunteer',
    }),
    volunteersOnly,
    notTooMuch,
    query(runsQuery),
    async (c) => {
      const { from = 0 } = c.req.valid('query');
      const runs = await myRuns(c.env, (await personOf(c)).id, c.req.param('sweepId'), from);
      if (!runs) throw new Refusal('not-found', 'There is no such sweep.');
      return c.json(runs);
    },
  )
  .get(
    '/api/me/export',
    describe({
      summary: 'What is stored about you, as one file',
      description:
        'All but what sweeps note of the units your devices hold, or gave up while nobody finished them: the numbers of volunteer and device, when, how far, and why it was given up. Where there are very many runs not all are in it: nextRun says where GET /api/me/runs/:sweepId goes on.',
      reply: exportReply,
      refusals: ['too-many'],
      by: 'volunteer',
    }),
    volunteersOnly,
    notTooMuch,
    async (c) => {
      const mine = await meOf(c);
      const nowMs = Date.now();
      const contributions = await contributionsOf(c.env.DB, mine.volunteerId);
      const moves = await movesOf(c.env.DB, mine.volunteerId, nowMs);
      const sweepIds = [...new Set(contributions.map(({ sweepId }) => sweepId))];
      const runs = await allRuns(c.env, mine.volunteerId, sweepIds);
      c.header('content-disposition', 'attachment; filename="tabgrad-volunteer.json"');
      return c.json({ exportedAtMs: nowMs, ...mine, contributions, moves, runs } satisfies ExportReply);
    },
  );

/** As many as so many answers of dispatchers hold; what they leave out is said. */
async function allRuns(env: Env, volunteerId: string, sweepIds: string[]): Promise<ExportReply['runs']> {
  const all: ExportReply['runs'] = [];
  let asked = 0;
  for (const sweepId of sweepIds) {
    const stripes = (await stripesOfOne(env, sweepId)) ?? 1;
    const runs: ExportReply['runs'][number]['runs'] = [];
    let next: number | null = 0;
    while (next !== null && asked < LIMITS.exportAsksMax) {
      asked += stripes;
      const page = await myRuns(env, volunteerId, sweepId, next);
      runs.push(...(page?.runs ?? []));
      next = page?.nextRun ?? null;
    }
    all.push({ sweepId, runs, nextRun: next });
  }
  return all;
}
