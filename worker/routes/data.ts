import { Hono } from 'hono';
import { SWEEP_ID } from '../../shared/limits.ts';
import { describe } from '../describe.ts';
import type { App } from '../env.ts';
import { Refusal } from '../errors.ts';
import { rangeReply } from '../store/parts.ts';

/** The last word of a part's key, which tells its content. */
const PART = /^\d{8}-[0-9a-f]{32}\.parquet$/;

/** What a page of another site may see of a reply, besides its bytes. */
const EXPOSED = 'accept-ranges, content-length, content-range, etag';

export const data = new Hono<App>().get(
  '/api/sweeps/:id/data/:part',
  describe({
    summary: 'Curves of finished runs as a Parquet file, in ranges if you like',
    description: 'A part never changes. Also answers HEAD, Range (206, 416) and If-None-Match (304).',
    reply: 'parquet',
    statuses: [200, 206],
    refusals: ['not-found'],
  }),
  async (c) => {
    const { id, part } = c.req.param();
    const isName = SWEEP_ID.test(id) && PART.test(part);
    const reply = isName ? await rangeReply(c.env.BLOBS, `parts/${id}/${part}`, c.req.raw) : null;
    if (!reply) throw new Refusal('not-found', 'There is no such part.');
    reply.headers.set('access-control-expose-headers', EXPOSED);
    return reply;
  },
);
