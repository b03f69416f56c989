import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { App } from './env.ts';
import { Refusal, replyTo } from './errors.ts';
import { boards } from './routes/boards.ts';
import { health } from './routes/health.ts';
import { home } from './routes/home.ts';
import { openapi } from './routes/openapi.ts';
import { runs } from './routes/runs.ts';
import { sweep } from './routes/sweep.ts';
import { sweeps } from './routes/sweeps.ts';
import { volunteers } from './routes/volunteers.ts';
import { work } from './routes/work.ts';

const app = new Hono<App>();

app.use(
  secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    xFrameOptions: 'DENY',
  }),
);

// Whatever can be read needs no token, so every site may read it. Writing takes a bearer token and is for our pages
// and programs only: it gets no such header, and no preflight is answered.
app.use('/api/*', async (c, next) => {
  await next();
  c.header('cache-control', 'no-store');
  if (c.req.method === 'GET') c.header('access-control-allow-origin', '*');
});

for (const resource of [health, home, sweeps, sweep, runs, boards, volunteers, work])
  app.route('/', resource);
app.route('/', openapi(app));

app.notFound((c) => replyTo(new Refusal('not-found', 'There is nothing here.'), c));
app.onError(replyTo);

export { Dispatcher } from './dispatcher/object.ts';
export default app;
