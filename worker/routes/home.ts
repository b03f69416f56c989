import { Hono } from 'hono';
import { type HomeReply, homeReply } from '../../shared/protocol.ts';
import { describe } from '../describe.ts';
import { devicesOf } from '../devices.ts';
import type { App } from '../env.ts';
import { newestFinding } from '../store/cells.ts';
import { totals } from '../store/progress.ts';

export const home = new Hono<App>().get(
  '/api/home',
  describe({
    summary: 'Everything in numbers, and the newest finding',
    description: 'Numbers lag a few seconds behind. Volunteers are those with an accepted result.',
    reply: homeReply,
  }),
  async (c) => {
    const [{ failedRuns: _, ...numbers }, finding, devicesNow] = await Promise.all([
      totals(c.env.DB),
      newestFinding(c.env.DB),
      devicesOf(c.env),
    ]);
    return c.json({ ...numbers, devicesNow, finding } satisfies HomeReply);
  },
);
