import { Hono } from 'hono';
import { type RunReply, runReply } from '../../shared/protocol.ts';
import { runCost } from '../../shared/spec/cost.ts';
import { cellValues, runAt, sweepOf } from '../../shared/spec/sweep.ts';
import { curveReplies } from '../curves.ts';
import { describe } from '../describe.ts';
import { ask } from '../dispatcher/ask.ts';
import type { Page } from '../dispatcher/view.ts';
import type { App } from '../env.ts';
import { Refusal } from '../errors.ts';
import { sweepById } from '../store/sweeps.ts';
import { displayNames } from '../store/volunteers.ts';

export const runs = new Hono<App>().get(
  '/api/sweeps/:id/runs/:index',
  describe({
    summary: 'One run: what it is, and its curve once it is finished',
    reply: runReply,
    refusals: ['not-found'],
  }),
  async (c) => {
    const { id, index } = c.req.param();
    const row = await sweepById(c.env.DB, id);
    if (!row) throw new Refusal('not-found', 'There is no such sweep.');
    const run = /^\d{1,7}$/.test(index) ? Number(index) : Number.NaN;
    if (!(run < row.runs)) throw new Refusal('not-found', `The sweep has runs 0 to ${row.runs - 1}.`);
    const page = await ask(
      c.env,
      id,
      (d) => d.page(id, { from: run, count: 1, curves: true }) as Promise<Page | null>,
    );
    const summary = page?.runs[0];
    if (!page || !summary) throw new Error(`the dispatcher of ${id} does not know run ${run}`);
    const { spec, description: _, specDigest: __, ...stored } = row;
    const sweep = sweepOf(JSON.parse(spec));
    const { cell, config } = runAt(sweep, run);
    const { parameters: parameterCount, flopsPerStep } = runCost(config);
    const { finishedRuns, failedRuns } = page.status;
    const [curve = null] = await curveReplies(c.env.BLOBS, page.curves);
    const names = await displayNames(c.env.DB, summary.volunteer ? [summary.volunteer] : []);
    const reply: RunReply = {
      sweep: { ...stored, finishedRuns, failedRuns },
      run: { ...summary, volunteer: names.get(summary.volunteer ?? '') ?? null },
      values: cellValues(sweep, cell),
      axes: sweep.axes.map(({ path }) => path),
      config,
      ...{ parameterCount, flopsPerStep, curve },
    };
    return c.json(reply);
  },
);
