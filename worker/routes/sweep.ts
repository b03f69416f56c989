import { Hono } from 'hono';
import * as v from 'valibot';
import { LIMITS } from '../../shared/limits.ts';
import { type SweepReply, sweepReply } from '../../shared/protocol.ts';
import { axisCount } from '../../shared/spec/axes.ts';
import { sweepOf } from '../../shared/spec/sweep.ts';
import { curveReplies } from '../curves.ts';
import { describe, query, wholeText } from '../describe.ts';
import { mergePages, type Page } from '../dispatcher/view.ts';
import type { App } from '../env.ts';
import { Refusal } from '../errors.ts';
import { askAll } from '../places.ts';
import { partialReplies } from '../store/partial-curves.ts';
import { sweepById } from '../store/sweeps.ts';
import { displayNames } from '../store/volunteers.ts';

const pageQuery = v.object({
  /** First run to show. */
  from: v.optional(wholeText(0)),
  /** How many runs at most. */
  count: v.optional(wholeText(1)),
  curves: v.optional(v.picklist(['true', 'false'], 'true or false'), 'true'),
});

export const sweep = new Hono<App>().get(
  '/api/sweeps/:id',
  describe({
    summary: 'A sweep: its cells, and a page of its runs with their curves',
    description: `A page holds at most ${LIMITS.curvesPerPageMax} runs, or ${LIMITS.runsPerPageMax} with curves=false; nextRun says where the next one starts. Sweeps with more than ${LIMITS.cellsPerPageMax} cells show those of the runs on the page.`,
    reply: sweepReply,
    refusals: ['bad-request', 'not-found'],
  }),
  query(pageQuery),
  async (c) => {
    const id = c.req.param('id');
    const { from = 0, count = LIMITS.runsPerPageMax, curves } = c.req.valid('query');
    const row = await sweepById(c.env.DB, id);
    if (!row) throw new Refusal('not-found', 'There is no such sweep.');
    const withCurves = curves === 'true';
    const max = withCurves ? LIMITS.curvesPerPageMax : LIMITS.runsPerPageMax;
    const request = { from, count: Math.min(count, max), curves: withCurves };
    const { summary, description, specDigest, stripes } = row;
    const pages = await askAll(
      c.env,
      { id, stripes },
      (d, at) => d.page(at, request) as Promise<Page | null>,
    );
    const page = mergePages(pages);
    const { finishedRuns, failedRuns, trainingRuns } = page.status;
    const { axes, spec } = sweepOf(JSON.parse(row.spec));
    const names = await displayNames(
      c.env.DB,
      new Set(page.runs.flatMap(({ volunteer }) => volunteer ?? [])),
    );
    const reply: SweepReply = {
      sweep: {
        ...{ ...summary, description, specDigest, spec },
        ...{ finishedRuns, failedRuns, trainingRuns, failed: page.failed },
        axes: axes.map((axis) => ({ path: axis.path, count: axisCount(axis) })),
      },
      cells: page.cells,
      runs: page.runs.map((run) => ({ ...run, volunteer: names.get(run.volunteer ?? '') ?? null })),
      curves: await curveReplies(c.env.BLOBS, page.curves),
      live: [...page.live, ...(await partialReplies(c.env.BLOBS, untold(page)))],
      nextRun: page.nextRun,
    };
    return c.json(reply);
  },
);

/** Unfinished runs of which no device tells just now. */
function untold({ partial, live }: Page): Page['partial'] {
  const told = new Set(live.map(({ run }) => run));
  return partial.filter(({ run }) => !told.has(run));
}
