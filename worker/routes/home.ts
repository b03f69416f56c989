import { Hono } from 'hono';
import { type HomeReply, homeReply } from '../../shared/protocol.ts';
import { cached } from '../cache.ts';
import { describe } from '../describe.ts';
import { ask } from '../dispatcher/ask.ts';
import type { App, Env } from '../env.ts';
import { newestFinding } from '../store/cells.ts';
import { openSweepIds, totals } from '../store/sweeps.ts';

/** How many open sweeps are asked for their devices. */
const SWEEPS_ASKED_MAX = 10;
const DEVICES_MS = 3000;

export const home = new Hono<App>().get(
  '/api/home',
  describe({
    summary: 'Everything in numbers, and the newest finding',
    description: 'Numbers lag a few seconds behind. Volunteers are those with a finished run.',
    reply: homeReply,
  }),
  async (c) => {
    const [numbers, finding, devicesNow] = await Promise.all([
      totals(c.env.DB),
      newestFinding(c.env.DB),
      cached('devices', DEVICES_MS, () => countDevices(c.env)),
    ]);
    return c.json({ ...numbers, devicesNow, finding } satisfies HomeReply);
  },
);

async function countDevices(env: Env): Promise<number> {
  const open = await openSweepIds(env.DB, SWEEPS_ASKED_MAX);
  const counts = open.map((sweepId) =>
    // One sweep in trouble must not take the page down.
    ask(env, sweepId, async (d) => (await d.status(sweepId))?.devices ?? 0).catch(() => 0),
  );
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}
