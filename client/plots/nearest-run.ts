import { nearestIndex, stepAt } from './log-axis.ts';
import { type Frame, positionAt, type SweepLine, xOf, yOf } from './sweep-canvas.ts';

const REACH_PX = 24;

/** The line whose test curve passes nearest to a pixel, or null when none comes within reach. */
export function nearestRun(
  lines: readonly SweepLine[],
  frame: Frame,
  x: number,
  y: number,
): SweepLine | null {
  const step = stepAt(positionAt(frame, x));
  let best: SweepLine | null = null;
  let bestPx = REACH_PX;
  for (const line of lines) {
    const at = nearestIndex(line.steps, step);
    if (line.steps.length === 0) continue;
    for (const i of [at - 1, at, at + 1]) {
      const distance = distanceToSegment(line, frame, i, { x, y });
      if (distance < bestPx) [best, bestPx] = [line, distance];
    }
  }
  return best;
}

/** Pixels from a point to the piece of a curve between its points i and i + 1. */
function distanceToSegment(line: SweepLine, frame: Frame, i: number, p: { x: number; y: number }): number {
  const [from, to] = [line.steps[i], line.steps[i + 1]];
  if (from === undefined || to === undefined) return Number.POSITIVE_INFINITY;
  const [x0, y0] = [xOf(frame, from), yOf(frame, line.test[i] as number)];
  const [dx, dy] = [xOf(frame, to) - x0, yOf(frame, line.test[i + 1] as number) - y0];
  const along = Math.min(1, Math.max(0, ((p.x - x0) * dx + (p.y - y0) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(p.x - x0 - along * dx, p.y - y0 - along * dy);
}
