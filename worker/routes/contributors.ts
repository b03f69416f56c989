import { Hono } from 'hono';
import { firstDayLately } from '../../shared/days.ts';
import { LIMITS } from '../../shared/limits.ts';
import { type ContributorsReply, contributorsReply } from '../../shared/volunteers.ts';
import { cached } from '../cache.ts';
import { describe } from '../describe.ts';
import type { App } from '../env.ts';
import { CONTRIBUTORS } from '../person.ts';
import { contributorsSince } from '../store/contributions.ts';

const KEPT_MS = 5000;

export const contributors = new Hono<App>().get(
  '/api/contributors',
  describe({
    summary: 'Who did how much, of the last thirty days and of all time',
    description:
      'Accepted work only. Volunteers who chose to be named, teams of all their members, and one sum of everybody else. Days are those of UTC; numbers lag some seconds behind.',
    reply: contributorsReply,
  }),
  async (c) => {
    const { DB } = c.env;
    const firstDay = firstDayLately(Date.now());
    const max = LIMITS.contributorsListedMax;
    const boards = await cached<ContributorsReply>(CONTRIBUTORS, KEPT_MS, async () => ({
      lately: await contributorsSince(DB, firstDay, max),
      allTime: await contributorsSince(DB, null, max),
    }));
    return c.json(boards);
  },
);
