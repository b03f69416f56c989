// The phase diagram of a sweep over two parameters: which configurations generalise, and from how many runs one knows.

import type { CellReply } from '../../shared/protocol.ts';
import { type Axis, axisCount } from '../../shared/spec/axes.ts';
import type { AxisValue } from '../../shared/spec/schema.ts';
import { pathWords, valueWords } from '../../shared/spec/words.ts';
import { clipped, type Frame, heat, INK, LINE, px, text } from './svg.ts';

export interface Phase {
  down: { name: string; values: string[] };
  across: { name: string; values: string[] };
  /** [down, across] */
  rows: CellReply[][];
}

const SIDE_MAX = 24;

/** Null where a sweep is not made of all combinations of two parameters, a readable number of values each. */
export function phaseOf(axes: readonly Axis[], cells: readonly CellReply[]): Phase | null {
  const counts = axes.map(axisCount);
  const [down = 0, across = 0] = counts as number[];
  const isReadable = counts.length === 2 && counts.every((n) => n !== null && n >= 2 && n <= SIDE_MAX);
  if (!isReadable || cells.length !== down * across) return null;
  const byValues = new Map(cells.map((cell) => [JSON.stringify(cell.values), cell]));
  const [ys, xs] = [valuesOf(cells, 0), valuesOf(cells, 1)];
  const rows = ys.map((y) => xs.flatMap((x) => byValues.get(JSON.stringify([y, x])) ?? []));
  // A random search draws what it likes.
  if (ys.length !== down || xs.length !== across || rows.some((row) => row.length !== across)) return null;
  const [first, second] = axes as [Axis, Axis];
  return {
    down: { name: pathWords(first.path), values: ys.map(valueWords) },
    across: { name: pathWords(second.path), values: xs.map(valueWords) },
    rows,
  };
}

/** The different values cells have of an axis: numbers ascend, everything else keeps its order. */
function valuesOf(cells: readonly CellReply[], axis: number): AxisValue[] {
  const values = [
    ...new Map(cells.map((cell) => [JSON.stringify(cell.values[axis]), cell.values[axis]])).values(),
  ];
  const areNumbers = values.every((value) => typeof value === 'number');
  return areNumbers ? (values as number[]).sort((a, b) => a - b) : (values as AxisValue[]);
}

const AXIS = 20;
const LABELS = 130;

export function drawPhase({ left, top, width, height }: Frame, { down, across, rows }: Phase): string {
  const [wide, high] = [(width - LABELS) / across.values.length, height / rows.length];
  const squares = rows.flatMap((row, r) =>
    row.map((cell, c) =>
      square(cell, { left: left + LABELS + c * wide, top: top + r * high, width: wide, height: high }),
    ),
  );
  const every = (count: number, room: number, needs: number) =>
    Math.max(1, Math.ceil((count * needs) / room));
  const [skipDown, skipAcross] = [every(rows.length, height, 26), every(across.values.length, width, 84)];
  const label = (words: string, x: number, y: number, anchor: 'end' | 'middle') =>
    text(clipped(words, AXIS, 110), x, y, { size: AXIS, fill: INK.faint, anchor });
  return [
    ...squares,
    ...down.values.flatMap((value, r) =>
      r % skipDown === 0 ? label(value, left + LABELS - 12, top + (r + 0.5) * high + 7, 'end') : [],
    ),
    ...across.values.flatMap((value, c) =>
      c % skipAcross === 0 ? label(value, left + LABELS + (c + 0.5) * wide, top + height + 28, 'middle') : [],
    ),
    text(`${down.name} down, ${across.name} across`, left + LABELS, top + height + 58, {
      size: AXIS,
      fill: INK.soft,
    }),
  ].join('');
}

/** A cell of which nothing is finished yet has no colour. */
function square({ aggregate: { n, generalised } }: CellReply, { left, top, width, height }: Frame): string {
  const { fill, ink } = n === 0 ? { fill: 'none', ink: INK.faint } : heat(generalised / n);
  const rect = `<rect x="${px(left + 1)}" y="${px(top + 1)}" width="${px(width - 2)}" height="${px(height - 2)}" rx="3" fill="${fill}" stroke="${n === 0 ? LINE : fill}" stroke-width="2"/>`;
  const size = Math.min(22, height - 10);
  const isRoomy = size >= 14 && width >= 62;
  const words = n === 0 ? '–' : `${generalised} / ${n}`;
  return isRoomy
    ? `${rect}${text(words, left + width / 2, top + height / 2 + size / 3, { size, fill: ink, anchor: 'middle' })}`
    : rect;
}
