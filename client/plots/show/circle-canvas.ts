// Residues as coloured points in the plane, joined in the order of their frequency.

import type { PlotTheme } from '../theme.ts';
import { around } from './circle.ts';
import { residueColour } from './colours.ts';

export interface CircleScene {
  p: number;
  frequency: number;
  points: Float64Array; // [p, 2]
}

interface Look {
  theme: PlotTheme;
  isDark: boolean;
}

/** Room around the outermost point, in pixels: for its number. */
const MARGIN_PX = 24;
/** Numbers are written where they have so much room around the circle, in pixels. */
const NUMBER_PX = 26;

/** Fills a square canvas. */
export function drawCircle(canvas: HTMLCanvasElement, scene: CircleScene, { theme, isDark }: Look): void {
  const ctx = canvas.getContext('2d');
  if (!ctx) return;
  const side = canvas.width;
  const ratio = devicePixelRatio;
  const unit = (side / 2 - MARGIN_PX * ratio) / furthest(scene.points);
  const at = (residue: number): [number, number] => {
    const [x, y] = [scene.points[2 * residue] ?? 0, scene.points[2 * residue + 1] ?? 0];
    return [side / 2 + unit * x, side / 2 - unit * y];
  };
  ctx.clearRect(0, 0, side, side);
  drawOrder(ctx, theme, around(scene.p, scene.frequency).map(at));
  const radius = Math.max(2, Math.min(6, (Math.PI * unit) / ratio / scene.p)) * ratio;
  const hasNumbers = (2 * Math.PI * 1.2 * unit) / ratio / scene.p > NUMBER_PX;
  ctx.font = theme.font.replace('12px', `${12 * ratio}px`);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  for (let residue = 0; residue < scene.p; residue++) {
    const [x, y] = at(residue);
    ctx.fillStyle = residueColour(residue, scene.p, isDark);
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.fill();
    if (!hasNumbers) continue;
    const [dx, dy] = [x - side / 2, y - side / 2];
    const out = (radius + 11 * ratio) / (Math.hypot(dx, dy) || 1);
    ctx.fillStyle = theme.ink;
    ctx.fillText(String(residue), x + dx * out, y + dy * out);
  }
}

/** At least 1, so that points that all lie in the middle are seen there. */
function furthest(points: Float64Array): number {
  let most = 1;
  for (let i = 0; i < points.length; i += 2)
    most = Math.max(most, Math.hypot(points[i] as number, points[i + 1] as number));
  return most;
}

function drawOrder(ctx: CanvasRenderingContext2D, theme: PlotTheme, places: [number, number][]): void {
  ctx.strokeStyle = theme.ink;
  ctx.globalAlpha = 0.5;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (const [x, y] of places) ctx.lineTo(x, y);
  ctx.closePath();
  ctx.stroke();
  ctx.globalAlpha = 1;
}
