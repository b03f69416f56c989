import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { audit } from './audit.ts';
import { cleanPeople, cleanSnapshots, cleanStates } from './cleaning.ts';
import type { App, Env } from './env.ts';
import { Refusal, replyTo } from './errors.ts';
import { boards } from './routes/boards.ts';
import { changes } from './routes/change.ts';
import { contributors } from './routes/contributors.ts';
import { data } from './routes/data.ts';
import { datasets } from './routes/datasets.ts';
import { health } from './routes/health.ts';
import { home } from './routes/home.ts';
import { me } from './routes/me.ts';
import { moves } from './routes/moves.ts';
import { og } from './routes/og.ts';
import { openapi } from './routes/openapi.ts';
import { pages } from './routes/pages.ts';
import { runs } from './routes/runs.ts';
import { snapshots, states } from './routes/states.ts';
import { status } from './routes/status.ts';
import { sweep } from './routes/sweep.ts';
import { sweeps } from './routes/sweeps.ts';
import { teams } from './routes/teams.ts';
import { volunteers } from './routes/volunteers.ts';
import { work } from './routes/work.ts';

/** The daily one of the crons in wrangler.toml. */
const DAILY = '41 3 * * *';

/** What takes a token to read. */
const OWN = ['/api/work/', '/api/me'];

const app = new Hono<App>();

const cautious = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  xFrameOptions: 'DENY',
});

// Before what makes headers for the API: pages and pictures have their own.
app.route('/', pages);
app.route('/', og);

// Whatever can be read without a token every site may read. Writing and working take a bearer token and are for
// our pages and programs only: they get no such header, and no preflight is answered.
app.use('*', async (c, next) => {
  await next();
  // An open WebSocket has no headers to set.
  if (c.res.status === 101) return;
  await cautious(c, async () => {});
  if (!c.req.path.startsWith('/api/')) return;
  if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
  const isOwn = OWN.some((start) => c.req.path.startsWith(start));
  if (['GET', 'HEAD'].includes(c.req.method) && !isOwn) c.header('access-control-allow-origin', '*');
});

const reading = [health, status, home, sweeps, sweep, runs, data, datasets, boards, contributors];
const people = [volunteers, me, moves, teams];
for (const resource of [...reading, ...people, changes, work, states, snapshots]) app.route('/', resource);
app.route('/', openapi(app));

app.notFound((c) => replyTo(new Refusal('not-found', 'There is nothing here.'), c));
app.onError(replyTo);

export { Dispatcher } from './dispatcher/object.ts';
export default Object.assign(app, {
  /** As wrangler.toml says: the cleaning of what is stored once a day; else that of what is kept of people, and the audit. */
  async scheduled({ scheduledTime, cron }: ScheduledController, env: Env): Promise<void> {
    if (cron === DAILY) {
      await cleanStates(env, scheduledTime);
      await cleanSnapshots(env, scheduledTime);
    } else {
      await cleanPeople(env, scheduledTime);
      await audit(env, scheduledTime);
    }
  },
});
