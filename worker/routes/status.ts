import { Hono } from 'hono';
import { RELEASE, type StatusReply, statusReply } from '../../shared/protocol.ts';
import { describe } from '../describe.ts';
import { devicesOf } from '../devices.ts';
import type { App } from '../env.ts';
import { newestAudits } from '../store/audits.ts';
import { totals } from '../store/progress.ts';

const AUDITS_SHOWN = 48;

export const status = new Hono<App>().get(
  '/api/status',
  describe({
    summary: 'How the server is, and what the hourly checks of stored data found',
    reply: statusReply,
  }),
  async (c) => {
    const [{ sweeps, openSweeps, finishedRuns, failedRuns }, devicesNow, audits] = await Promise.all([
      totals(c.env.DB),
      devicesOf(c.env),
      newestAudits(c.env.DB, AUDITS_SHOWN),
    ]);
    const reply: StatusReply = {
      version: RELEASE,
      ...{ sweeps, openSweeps, finishedRuns, failedRuns, devicesNow, audits },
    };
    return c.json(reply);
  },
);
