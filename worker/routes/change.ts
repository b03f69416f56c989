// What a researcher changes about a sweep while volunteers work on it.

import { type Context, Hono } from 'hono';
import type { SweepMode } from '../../shared/ledger.ts';
import { LIMITS } from '../../shared/limits.ts';
import { type SweepChange, sweepChange, sweepSummary } from '../../shared/protocol.ts';
import { grownSweep } from '../../shared/spec/grow.ts';
import { sentence } from '../../shared/spec/problems.ts';
import { canonicalSpec, sweepOf } from '../../shared/spec/sweep.ts';
import { sweepFlops } from '../../shared/spec/sweep-cost.ts';
import { researchersOnly } from '../auth.ts';
import { forget } from '../cache.ts';
import { atMost, describe, jsonBody } from '../describe.ts';
import type { App, Env } from '../env.ts';
import { Refusal } from '../errors.ts';
import { OPEN_SWEEPS } from '../front-door.ts';
import { askAll } from '../places.ts';
import { type Amendment, amendSweep, type SweepRow, sweepById } from '../store/sweeps.ts';

/** The sweep, if whoever asks may change it: its researcher, or an operator. */
async function ownSweep(c: Context<App>): Promise<SweepRow> {
  const row = await sweepById(c.env.DB, c.req.param('id') ?? '');
  if (!row) throw new Refusal('not-found', 'There is no such sweep.');
  const { id, isOperator } = c.get('researcher');
  if (row.researcherId !== id && !isOperator)
    throw new Refusal('forbidden', 'This sweep is somebody else’s: only they and operators may change it.');
  return row;
}

/** All dispatchers first, each of which may be told twice, then D1: whatever fails in between is mended by repeating. */
async function change(env: Env, row: SweepRow, wanted: SweepChange): Promise<void> {
  const { summary, stripes } = row;
  const { mode, priority, retry } = wanted;
  const sweep = { id: summary.id, stripes };
  const staysSo = () => new Refusal('bad-request', 'The sweep was cancelled, and stays so.');
  if (summary.mode === 'cancelled' && mode !== undefined && mode !== 'cancelled') throw staysSo();
  const grown = growth(row, wanted);
  const answers: { mode: SweepMode }[] = [];
  if (grown) answers.push(...(await askAll(env, sweep, (d, at) => d.grow(at, grown.spec))));
  if (retry) {
    if (summary.mode === 'cancelled')
      throw new Refusal('bad-request', 'The sweep was cancelled: nothing of it is handed out again.');
    answers.push(...(await askAll(env, sweep, (d, at) => d.retry(at))));
  }
  if (mode) answers.push(...(await askAll(env, sweep, (d, at) => d.change(at, mode))));
  // Cancelled before, and D1, or some of the dispatchers, were never told.
  const wasCancelled = mode !== 'cancelled' && answers.some((answer) => answer.mode === 'cancelled');
  if (wasCancelled) await askAll(env, sweep, (d, at) => d.change(at, 'cancelled'));
  await amendSweep(env.DB, summary.id, { mode: wasCancelled ? 'cancelled' : mode, priority, grown });
  forget(OPEN_SWEEPS);
  if (wasCancelled) throw staysSo();
}

function growth({ spec, summary }: SweepRow, { run_cap, seeds }: SweepChange): Amendment['grown'] {
  if (run_cap === undefined && seeds === undefined) return undefined;
  if (summary.mode === 'cancelled')
    throw new Refusal('bad-request', 'The sweep was cancelled: it gets no more runs.');
  const asked = {
    ...(run_cap === undefined ? {} : { run_cap }),
    ...(seeds === undefined ? {} : { seeds }),
  };
  const grown = grownSweep(sweepOf(JSON.parse(spec)), asked);
  if (!grown.ok) {
    const [first] = grown.problems;
    throw new Refusal('bad-spec', first ? `${sentence(first)}.` : 'The spec does not fit.', grown.problems);
  }
  const { runs, cells } = grown.value;
  return {
    spec: canonicalSpec(grown.value.spec),
    runs,
    cells,
    flops: sweepFlops(grown.value),
    atMs: Date.now(),
  };
}

async function summaryOf(env: Env, id: string) {
  const row = await sweepById(env.DB, id);
  if (!row) throw new Error(`sweep ${id} is gone`);
  return row.summary;
}

export const changes = new Hono<App>()
  .patch(
    '/api/sweeps/:id',
    describe({
      summary:
        'Pause, resume or cancel a sweep, set its priority, add runs, or hand out again what was given up',
      description:
        'Safe to repeat. Runs are only ever added, and those there are keep their numbers. retry hands out again what was given up. A cancelled sweep stays so.',
      reply: sweepSummary,
      refusals: ['bad-request', 'bad-spec', 'too-large', 'forbidden', 'not-found'],
      by: 'researcher',
    }),
    atMost(LIMITS.smallBodyBytesMax),
    researchersOnly,
    jsonBody(sweepChange),
    async (c) => {
      const row = await ownSweep(c);
      await change(c.env, row, c.req.valid('json'));
      return c.json(await summaryOf(c.env, row.summary.id));
    },
  )
  .post(
    '/api/sweeps/:id/rebuild',
    describe({
      summary: 'Derive a sweep’s aggregates, boards and contributions anew from its results',
      description: 'Safe to repeat. Results themselves are not touched.',
      reply: sweepSummary,
      refusals: ['forbidden', 'not-found'],
      by: 'researcher',
    }),
    researchersOnly,
    async (c) => {
      const { summary, stripes } = await ownSweep(c);
      const { id } = summary;
      await askAll(c.env, { id, stripes }, (d, at) => d.rebuild(at));
      return c.json(await summaryOf(c.env, id));
    },
  );
