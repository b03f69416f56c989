// What the pictures of link previews show, as it is known now.

import { sweepOf } from '../../shared/spec/sweep.ts';
import { curveReplies, type ShownCurve } from '../curves.ts';
import { devicesOf } from '../devices.ts';
import { mergePages, type Page } from '../dispatcher/view.ts';
import type { Env } from '../env.ts';
import { askAll } from '../places.ts';
import { newestFinding } from '../store/cells.ts';
import { totals } from '../store/progress.ts';
import { sweepById } from '../store/sweeps.ts';
import type { DrawnCurve } from './curves.ts';
import { homePicture, sweepPicture } from './pictures.ts';
import { ACCENT, cellColour } from './svg.ts';

/** Curves in one picture: more could not be told apart. The first runs are one of every cell, where there are so few. */
const CURVES_MAX = 64;
/** Runs looked through for them. */
const RUNS_MAX = 200;

/** The picture of the home page, as SVG. */
export async function homeSvg(env: Env): Promise<string> {
  const [numbers, finding, devicesNow] = await Promise.all([
    totals(env.DB),
    newestFinding(env.DB),
    devicesOf(env),
  ]);
  const curve = finding ? await curveOf(env, finding) : null;
  return homePicture({ numbers: { ...numbers, finding, devicesNow }, curve });
}

/** The picture of a sweep, as SVG; null where there is no such sweep. */
export async function sweepSvg(env: Env, id: string): Promise<string | null> {
  const row = await sweepById(env.DB, id);
  if (!row) return null;
  const sweep = sweepOf(JSON.parse(row.spec));
  const page = await pageOf(env, { id, stripes: row.stripes }, { from: 0, count: RUNS_MAX });
  const shown = page.curves.slice(0, CURVES_MAX);
  const cellOfRun = new Map(page.runs.map(({ index, cell }) => [index, cell]));
  const curves = await drawn(env, shown, (run) => cellColour(cellOfRun.get(run) ?? 0, sweep.cells));
  return sweepPicture({
    sweep: { ...row.summary, finishedRuns: page.status.finishedRuns },
    devices: page.status.devices,
    axes: sweep.axes,
    cells: page.cells,
    curves,
    lastStep: curves.reduce((last, { curve }) => Math.max(last, curve.steps.at(-1) ?? 0), 1),
  });
}

async function curveOf(
  env: Env,
  { sweepId, run }: { sweepId: string; run: number | null },
): Promise<DrawnCurve | null> {
  const row = run === null ? null : await sweepById(env.DB, sweepId);
  if (!row || run === null) return null;
  const page = await pageOf(env, { id: sweepId, stripes: row.stripes }, { from: run, count: 1 });
  return (await drawn(env, page.curves, () => ACCENT))[0] ?? null;
}

async function pageOf(
  env: Env,
  sweep: { id: string; stripes: number },
  range: { from: number; count: number },
): Promise<Page> {
  const request = { ...range, curves: true };
  return mergePages(await askAll(env, sweep, (d, at) => d.page(at, request) as Promise<Page | null>));
}

async function drawn(
  env: Env,
  curves: readonly ShownCurve[],
  colour: (run: number) => string,
): Promise<DrawnCurve[]> {
  const replies = await curveReplies(env.BLOBS, curves);
  return replies.map((curve) => ({ curve, colour: colour(curve.run) }));
}
