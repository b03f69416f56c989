// The marks of milestones above a curve, and the bands and thin lines of other runs below it.

import type uPlot from 'uplot';
import { position } from './log-axis.ts';
import type { Band, Line } from './run-band.ts';
import type { PlotTheme } from './theme.ts';

/** What was reached when; null while it was not. */
export interface Flags {
  tMem: number | null;
  tGen: number | null;
}

/** Room above the plot, in CSS pixels: a row for each flag, and the triangles. */
export const FLAG_ROOM = 44;

export const WHICH = ['train', 'test'] as const;

/** Below the curve itself. */
export function drawOthers(u: uPlot, theme: PlotTheme, others: readonly Line[]): void {
  inside(u, (ctx) => {
    ctx.globalAlpha = 0.45;
    ctx.lineWidth = devicePixelRatio;
    for (const line of others) {
      const x = line.steps.map((step) => u.valToPos(position(step), 'x', true));
      for (const which of WHICH) {
        ctx.strokeStyle = theme[which];
        ctx.beginPath();
        for (const [i, at] of x.entries()) ctx.lineTo(at, u.valToPos(line[which][i] as number, 'y', true));
        ctx.stroke();
      }
    }
  });
}

/** All of the runs in a light tint, the middle half of them in a darker one. */
export function drawBand(u: uPlot, theme: PlotTheme, { steps, ...of }: Band): void {
  const x = steps.map((step) => u.valToPos(position(step), 'x', true));
  inside(u, (ctx) => {
    for (const which of WHICH) {
      ctx.fillStyle = theme[which];
      for (const [low, high, alpha] of [
        [0, 4, 0.16],
        [1, 3, 0.3],
      ] as const) {
        const side = (q: number) =>
          x.map((at, i) => [at, u.valToPos(of[which][q]?.[i] as number, 'y', true)]);
        ctx.globalAlpha = alpha;
        ctx.beginPath();
        for (const [at, y] of [...side(low), ...side(high).reverse()]) ctx.lineTo(at as number, y as number);
        ctx.fill();
      }
    }
  });
}

function inside({ ctx, bbox }: uPlot, draw: (ctx: CanvasRenderingContext2D) => void): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw(ctx);
  ctx.restore();
}

/** Two flags above the plot, one row each so that they never collide. */
export function drawFlags(u: uPlot, theme: PlotTheme, { tMem, tGen }: Flags): void {
  if (tMem !== null) drawFlag(u, theme, { step: tMem, text: `tMem ${tMem}`, colour: theme.train, row: 0 });
  if (tGen !== null) drawFlag(u, theme, { step: tGen, text: `tGen ${tGen}`, colour: theme.test, row: 1 });
}

interface Flag {
  step: number;
  text: string;
  colour: string;
  row: number;
}

function drawFlag(u: uPlot, theme: PlotTheme, flag: Flag): void {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  const x = u.valToPos(position(flag.step), 'x', true);
  const y = bbox.top - FLAG_ROOM * ratio + (14 + 19 * flag.row) * ratio;
  ctx.save();
  ctx.strokeStyle = flag.colour;
  ctx.fillStyle = flag.colour;
  ctx.lineWidth = 1.5 * ratio;
  ctx.beginPath();
  ctx.moveTo(x, bbox.top + bbox.height);
  ctx.lineTo(x, y - 9 * ratio);
  ctx.stroke();
  ctx.font = theme.font.replace('12px', `600 ${13 * ratio}px`);
  const fitsRight = x + ctx.measureText(flag.text).width + 8 * ratio < bbox.left + bbox.width + 12 * ratio;
  ctx.textAlign = fitsRight ? 'left' : 'right';
  ctx.fillText(flag.text, x + (fitsRight ? 6 : -6) * ratio, y);
  ctx.restore();
}

/** A triangle on the upper edge of the plot for each milestone of each other run. */
export function drawTriangles(u: uPlot, theme: PlotTheme, flags: readonly Flags[]): void {
  const { ctx, bbox } = u;
  const size = 4 * devicePixelRatio;
  ctx.save();
  ctx.globalAlpha = 0.75;
  for (const [of, colour] of [
    ['tMem', theme.train],
    ['tGen', theme.test],
  ] as const) {
    ctx.fillStyle = colour;
    for (const { [of]: step } of flags) {
      if (step === null) continue;
      const x = u.valToPos(position(step), 'x', true);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top + size);
      ctx.lineTo(x - size, bbox.top - size);
      ctx.lineTo(x + size, bbox.top - size);
      ctx.fill();
    }
  }
  ctx.restore();
}
