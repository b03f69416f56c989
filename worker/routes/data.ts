import { Hono } from 'hono';
import { SWEEP_ID } from '../../shared/limits.ts';
import { type DataReply, dataReply } from '../../shared/protocol.ts';
import { describe } from '../describe.ts';
import type { Data } from '../dispatcher/view.ts';
import type { App } from '../env.ts';
import { Refusal } from '../errors.ts';
import { askAll, stripesOfOne } from '../places.ts';
import { rangeReply } from '../store/parts.ts';

/** The last word of a part's key, which tells its content. */
const PART = /^\d{8}-[0-9a-f]{32}\.parquet$/;

/** What a page of another site may see of a reply, besides its bytes. */
const EXPOSED = 'accept-ranges, content-length, content-range, etag';

export const data = new Hono<App>()
  .get(
    '/api/sweeps/:id/data',
    describe({
      summary: 'The curves of a sweep as Parquet files',
      description:
        'A row is a run and an evaluated step: run, cell, seed, step, four channels, diverged_at. Parts never change, and no run is in two of them. Finished runs move to parts in the background.',
      reply: dataReply,
      refusals: ['not-found'],
    }),
    async (c) => {
      const id = c.req.param('id');
      const stripes = SWEEP_ID.test(id) ? await stripesOfOne(c.env, id) : null;
      if (stripes === null) throw new Refusal('not-found', 'There is no such sweep.');
      const all = await askAll(c.env, { id, stripes }, (d, at) => d.data(at) as Promise<Data | null>);
      const reply: DataReply = {
        parts: all.flatMap(({ parts }) =>
          parts.map(({ key, ...part }) => ({
            url: `/api/sweeps/${id}/data/${key.split('/').at(-1)}`,
            ...part,
          })),
        ),
        pendingRuns: all.reduce((sum, { pendingRuns }) => sum + pendingRuns, 0),
      };
      return c.json(reply);
    },
  )
  .get(
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
