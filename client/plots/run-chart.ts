// The curve of one run, drawn by uPlot on our own log axis. Loaded only when a curve is to be drawn.

import uPlot from 'uplot';
import { logTicks, position } from './log-axis.ts';
import { type Band, type Line, lossRange, QUANTILES } from './run-band.ts';
import { drawBand, drawFlags, drawOthers, drawTriangles, FLAG_ROOM, type Flags, WHICH } from './run-flags.ts';
import { type PlotTheme, plotTheme } from './theme.ts';
import type { Chart } from './use-chart.tsx';

export type Metric = 'accuracy' | 'loss';

export interface RunCurves extends Line {
  /** Curves of runs trained together with this one, drawn thin. */
  others?: readonly Line[];
}

export interface RunChartState extends Flags {
  curves: RunCurves;
  /** Drawn instead of the thin curves; the curve itself is then its median. */
  band?: Band | null;
  /** Milestones of other runs, a small mark each. */
  marks?: readonly Flags[];
  /** Index of the evaluation to point at; null leaves that to the pointer. */
  pointed?: number | null;
}

export interface RunChartOptions {
  metric: Metric;
  lastStep: number;
  threshold: number;
  height: number;
  /** Told the index of the evaluation under the pointer, or null. */
  onPoint: (index: number | null) => void;
}

export function createRunChart(host: HTMLElement, options: RunChartOptions): Chart<RunChartState> {
  let state: RunChartState = { curves: { steps: [], train: [], test: [] }, tMem: null, tGen: null };
  const theme = plotTheme(host);
  const chart = new uPlot(
    {
      width: Math.max(200, host.clientWidth),
      height: options.height,
      padding: [FLAG_ROOM, 20, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { size: 7 } },
      scales: { x: xScale(options.lastStep), y: yScale(options.metric, () => state) },
      series: [{}, line('train', theme.train, 1.5), line('test', theme.test, 2.5)],
      axes: [xAxis(theme, options.lastStep), yAxis(theme, options.metric)],
      hooks: {
        drawClear: [
          (u) => drawThreshold(u, theme, options),
          (u) =>
            state.band ? drawBand(u, theme, state.band) : drawOthers(u, theme, state.curves.others ?? []),
        ],
        draw: [(u) => drawTriangles(u, theme, state.marks ?? []), (u) => drawFlags(u, theme, state)],
        setCursor: [(u) => options.onPoint(u.cursor.idx ?? null)],
      },
    },
    [[], [], []],
    // An element of another window is none of this one's, and uPlot would take it for a function.
    (u, init) => {
      host.append(u.root);
      init();
    },
  );
  return {
    update(next) {
      const wasPointed = state.pointed ?? null;
      state = next;
      const { steps, train, test } = next.curves;
      chart.setData([steps.map(position), Array.from(train), Array.from(test)]);
      const step = steps[next.pointed ?? -1];
      if (step !== undefined) chart.setCursor({ left: chart.valToPos(position(step), 'x'), top: 0 });
      else if (wasPointed !== null) chart.setCursor({ left: -10, top: -10 });
    },
    resize: (width) => chart.setSize({ width, height: options.height }),
    destroy: () => chart.destroy(),
  };
}

const line = (label: string, stroke: string, width: number): uPlot.Series => ({
  label,
  stroke,
  width,
  points: { show: false },
});

export const xScale = (lastStep: number): uPlot.Scale => ({
  time: false,
  range: () => [position(0) - 0.06, position(lastStep) + 0.02],
});

const yScale = (metric: Metric, state: () => RunChartState): uPlot.Scale =>
  metric === 'accuracy'
    ? { range: () => [-0.01, 1.015] }
    : { distr: 3, range: () => lossRange(lossesOf(state())) };

/** Of all that is drawn. */
function lossesOf({ curves, band }: RunChartState): ArrayLike<number>[] {
  if (band) return WHICH.flatMap((which) => QUANTILES.map((_, q) => band[which][q] ?? []));
  return [curves, ...(curves.others ?? [])].flatMap(({ train, test }) => [train, test]);
}

export const axisStyle = (theme: PlotTheme): uPlot.Axis => ({
  stroke: theme.ink,
  font: theme.font,
  grid: { stroke: theme.grid, width: 1 },
  ticks: { stroke: theme.grid, width: 1, size: 5 },
});

export function xAxis(theme: PlotTheme, lastStep: number): uPlot.Axis {
  const ticks = (u: uPlot) => logTicks(lastStep, u.bbox.width / devicePixelRatio);
  return {
    ...axisStyle(theme),
    grid: { show: false },
    size: 34,
    splits: (u) => ticks(u).map(({ step }) => position(step)),
    values: (u) => ticks(u).map(({ label }) => label),
  };
}

const isDecade = (v: number) => Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-9;

function yAxis(theme: PlotTheme, metric: Metric): uPlot.Axis {
  if (metric === 'loss') {
    const filter = (_: uPlot, splits: number[]) => splits.map((v) => (isDecade(v) ? v : null));
    const values = (_: uPlot, splits: number[]) =>
      splits.map((v) => (v === null ? '' : String(Number(v.toPrecision(1)))));
    const { grid, ticks, ...style } = axisStyle(theme);
    return { ...style, size: 62, filter, values, grid: { ...grid, filter }, ticks: { ...ticks, filter } };
  }
  return {
    ...axisStyle(theme),
    size: 52,
    splits: () => [0, 0.25, 0.5, 0.75, 1],
    values: (_, splits) => splits.map((v) => (v % 0.5 === 0 ? `${100 * v} %` : '')),
  };
}

function drawThreshold(u: uPlot, theme: PlotTheme, { metric, threshold }: RunChartOptions) {
  if (metric !== 'accuracy') return;
  const y = u.valToPos(threshold, 'y', true);
  const { ctx } = u;
  ctx.save();
  ctx.strokeStyle = theme.ink;
  ctx.globalAlpha = 0.5;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(u.bbox.left, y);
  ctx.lineTo(u.bbox.left + u.bbox.width, y);
  ctx.stroke();
  ctx.restore();
}
