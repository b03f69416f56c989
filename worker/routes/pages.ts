// The pages themselves: one file for all of them, with a head that says which of them it is.

import { type Context, Hono } from 'hono';
import { SWEEP_ID } from '../../shared/limits.ts';
import { cached } from '../cache.ts';
import type { App, Env } from '../env.ts';
import { type Head, withHead } from '../html.ts';
import { SERVICE_WORKER_OFF } from '../service-worker-off.ts';
import { type SweepRow, sweepById } from '../store/sweeps.ts';

const HOME: Head = {
  title: 'Tabgrad: a public laboratory for how neural networks learn',
  description:
    'When does a network stop memorising and start to generalise? Researchers post sweeps of small networks, and browser tabs train them. Lend yours for a few minutes.',
  picture: '/og/home.png',
  canonical: '/',
};
const SWEEP_MS = 10_000;
const DESCRIPTION_MAX = 200;

/** A database that takes longer than this to answer keeps nobody from a page. */
const HEAD_MS = 1000;

const PAGES = ['/', '/run', '/boards', '/sweeps'];

export const pages = new Hono<App>();
for (const path of PAGES) pages.get(path, (c) => page(c, async () => ({ ...HOME, canonical: path })));
pages
  .get('/sweeps/:id', (c) => page(c, () => sweepHead(c.env, c.req.param('id'), null)))
  .get('/sweeps/:id/runs/:index', (c) => {
    const { id, index } = c.req.param();
    return page(c, () => sweepHead(c.env, id, index));
  })
  .get('/runs/:run', (c) => {
    const [id = '', index = ''] = c.req.param('run').split(':');
    return page(c, () => sweepHead(c.env, id, index));
  })
  // Whatever else comes by here (wrangler.toml): the page says that there is no such page.
  .get('/sweeps/*', (c) => page(c, async () => null))
  .get('/runs/*', (c) => page(c, async () => null))
  .get('/sw.js', (c) => {
    if (c.env.OFFLINE_PAGES !== 'off') return c.env.ASSETS.fetch(c.req.raw);
    return new Response(SERVICE_WORKER_OFF, {
      headers: { 'content-type': 'text/javascript', 'cache-control': 'no-store' },
    });
  });

/** What a page says of itself must never keep it from being shown. */
async function page(c: Context<App>, headOf: () => Promise<Head | null>): Promise<Response> {
  const request = new Request(c.req.url, { method: c.req.method });
  const late = new Promise<null>((resolve) => setTimeout(resolve, HEAD_MS, null));
  const head = Promise.race([headOf(), late]).catch(() => null);
  const response = await c.env.ASSETS.fetch(request);
  const isPage = (response.headers.get('content-type') ?? '').startsWith('text/html');
  return isPage ? withHead(response, (await head) ?? HOME, new URL(c.req.url).origin) : response;
}

/** Of a sweep, or of one of its runs; null where there is none. */
async function sweepHead(env: Env, id: string, index: string | null): Promise<Head | null> {
  if (!SWEEP_ID.test(id)) return null;
  const row = await cached<SweepRow | null>(`head ${id}`, SWEEP_MS, () => sweepById(env.DB, id));
  if (!row) return null;
  const { title, finishedRuns, runs, researcher } = row.summary;
  const isRun = index !== null && /^\d{1,7}$/.test(index) && Number(index) < runs;
  if (index !== null && !isRun) return null;
  const numbers = `${finishedRuns} of ${runs} runs finished, every curve public. A sweep by ${researcher}.`;
  return {
    title: `${isRun ? `Run ${Number(index)} of ` : ''}${title} · Tabgrad`,
    description: row.description ? `${shortened(row.description)} ${numbers}` : numbers,
    picture: `/og/sweeps/${id}.png`,
    canonical: isRun ? `/sweeps/${id}/runs/${Number(index)}` : `/sweeps/${id}`,
  };
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= DESCRIPTION_MAX
    ? line
    : `${line.slice(0, DESCRIPTION_MAX).toWellFormed().trimEnd()}…`;
}
