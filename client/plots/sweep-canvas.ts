// All curves of a sweep on one canvas. Every run is drawn; nothing is averaged.

import { logTicks, position } from './log-axis.ts';
import type { PlotTheme } from './theme.ts';

export interface SweepLine {
  run: number;
  cell: number;
  steps: readonly number[];
  train: ArrayLike<number>;
  test: ArrayLike<number>;
  /** Which of the theme's cell colours it has. */
  colour: number;
  /** In training: its end is not the run's, and it is no result. */
  isLive: boolean;
}

export interface SweepScene {
  lines: readonly SweepLine[];
  /** The cell to bring out; null: all alike. */
  cell: number | null;
  lastStep: number;
  /** Null: no single one. */
  threshold: number | null;
  showTrain: boolean;
  /** The reader's own runs. */
  own: readonly OwnRun[];
}

export interface OwnRun {
  line: SweepLine;
  /** Where it generalised; null: it has not, and its end is marked. */
  tGen: number | null;
}

export interface Frame {
  width: number;
  height: number;
  lastStep: number;
}

const LEFT = 48;
const RIGHT = 14;
const TOP = 12;
const BOTTOM = 34;
/** Of curves that go on. */
const DASH = [7, 5];

/** Pixel of a step. */
export const xOf = ({ width, lastStep }: Frame, step: number): number => {
  const from = position(0) - 0.06;
  return LEFT + ((position(step) - from) / (position(lastStep) + 0.02 - from)) * (width - LEFT - RIGHT);
};

/** The position, in decades, of a pixel; inverse of `xOf` before the logarithm. */
export const positionAt = ({ width, lastStep }: Frame, x: number): number => {
  const from = position(0) - 0.06;
  return from + ((x - LEFT) / (width - LEFT - RIGHT)) * (position(lastStep) + 0.02 - from);
};

/** Pixel of an accuracy. */
export const yOf = ({ height }: Frame, accuracy: number): number =>
  TOP + (1 - accuracy) * (height - TOP - BOTTOM);

/** Sizes a canvas for the screen's pixels and clears it. */
export function prepare(canvas: HTMLCanvasElement, { width, height }: Frame): CanvasRenderingContext2D {
  const ratio = devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const ctx = canvas.getContext('2d') as CanvasRenderingContext2D;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return ctx;
}

export function drawScene(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  theme: PlotTheme,
  scene: SweepScene,
): void {
  drawAxes(ctx, frame, theme);
  ctx.lineJoin = 'round';
  ctx.lineWidth = 1;
  ctx.strokeStyle = theme.train;
  if (scene.showTrain) {
    ctx.globalAlpha = scene.lines.length > 200 ? 0.08 : 0.22;
    for (const line of scene.lines) if (isShown(scene, line)) stroke(ctx, frame, line, line.train);
  }
  const crowd = scene.lines.length > 200 ? 0.45 : 0.8;
  for (const line of [...scene.lines].sort((a, b) => Number(isShown(scene, a)) - Number(isShown(scene, b)))) {
    const shown = isShown(scene, line);
    ctx.globalAlpha = shown ? (line.isLive ? 0.7 : 1) * crowd : 0.1;
    ctx.lineWidth = shown && scene.lines.length <= 200 ? 1.6 : 1;
    ctx.strokeStyle = theme.cells[line.colour] as string;
    stroke(ctx, frame, line, line.test);
  }
  if (scene.threshold !== null) drawThreshold(ctx, frame, theme, scene.threshold);
  ctx.globalAlpha = 1;
  for (const own of scene.own) if (isShown(scene, own.line)) drawOwn(ctx, frame, theme, own);
}

const RING_PX = 4.5;

/** A ring on the curve, around a dot where the run generalised, with an edge that sets it apart from all curves. */
function drawOwn(ctx: CanvasRenderingContext2D, frame: Frame, theme: PlotTheme, { line, tGen }: OwnRun) {
  const found = tGen === null ? -1 : line.steps.indexOf(tGen);
  const at = found < 0 ? line.steps.length - 1 : found;
  const step = line.steps[at];
  if (step === undefined) return;
  const [x, y] = [xOf(frame, step), yOf(frame, line.test[at] ?? 0)];
  const circle = (radius: number) => {
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
  };
  ctx.fillStyle = theme.surface;
  circle(RING_PX + 2);
  ctx.fill();
  ctx.strokeStyle = theme.mark;
  ctx.lineWidth = 1.8;
  circle(RING_PX);
  ctx.stroke();
  if (found < 0) return;
  ctx.fillStyle = theme.cells[line.colour] as string;
  circle(2.2);
  ctx.fill();
}

/** The run pointed at, over everything else: its test curve, its train curve and its tGen. */
export function drawRun(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  theme: PlotTheme,
  { line, tGen }: { line: SweepLine; tGen: number | null },
): void {
  ctx.lineJoin = 'round';
  ctx.strokeStyle = theme.surface;
  ctx.lineWidth = 6;
  stroke(ctx, frame, line, line.test);
  ctx.strokeStyle = theme.train;
  ctx.lineWidth = 1.5;
  stroke(ctx, frame, line, line.train);
  ctx.strokeStyle = theme.cells[line.colour] as string;
  ctx.lineWidth = 3;
  stroke(ctx, frame, line, line.test);
  if (tGen === null) return;
  const at = line.steps.indexOf(tGen);
  ctx.fillStyle = theme.cells[line.colour] as string;
  ctx.beginPath();
  ctx.arc(xOf(frame, tGen), yOf(frame, line.test[at] ?? 1), 5, 0, 2 * Math.PI);
  ctx.fill();
}

const isShown = ({ cell }: SweepScene, line: SweepLine) => cell === null || line.cell === cell;

function stroke(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  { steps, isLive }: SweepLine,
  values: ArrayLike<number>,
) {
  ctx.setLineDash(isLive ? DASH : []);
  ctx.beginPath();
  for (let i = 0; i < steps.length; i++)
    ctx.lineTo(xOf(frame, steps[i] as number), yOf(frame, values[i] as number));
  ctx.stroke();
  ctx.setLineDash([]);
}

function drawThreshold(ctx: CanvasRenderingContext2D, frame: Frame, theme: PlotTheme, threshold: number) {
  const y = yOf(frame, threshold);
  ctx.globalAlpha = 0.75;
  ctx.strokeStyle = theme.ink;
  ctx.lineWidth = 1;
  ctx.setLineDash([3, 4]);
  ctx.beginPath();
  ctx.moveTo(LEFT, y);
  ctx.lineTo(frame.width - RIGHT, y);
  ctx.stroke();
  ctx.setLineDash([]);
}

function drawAxes(ctx: CanvasRenderingContext2D, frame: Frame, theme: PlotTheme) {
  const bottom = frame.height - BOTTOM;
  ctx.globalAlpha = 1;
  ctx.font = theme.font;
  ctx.fillStyle = theme.ink;
  ctx.strokeStyle = theme.grid;
  ctx.lineWidth = 1;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'right';
  ctx.beginPath();
  for (const accuracy of [0, 0.25, 0.5, 0.75, 1]) {
    const y = yOf(frame, accuracy);
    ctx.moveTo(LEFT, y);
    ctx.lineTo(frame.width - RIGHT, y);
    if (accuracy % 0.5 === 0) ctx.fillText(`${100 * accuracy} %`, LEFT - 8, y);
  }
  ctx.textAlign = 'center';
  ctx.textBaseline = 'top';
  for (const { step, label } of logTicks(frame.lastStep, frame.width - LEFT - RIGHT)) {
    const x = xOf(frame, step);
    ctx.moveTo(x, bottom);
    ctx.lineTo(x, bottom + (label ? 6 : 3));
    ctx.fillText(
      label,
      Math.min(x, frame.width - RIGHT - ctx.measureText(label).width / 2 + RIGHT),
      bottom + 11,
    );
  }
  ctx.stroke();
}
