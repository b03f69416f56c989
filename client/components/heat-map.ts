// Which cell of a sweep stands where in its phase diagram.

import type { CellReply } from '../../shared/protocol.ts';
import type { AxisValue } from '../../shared/spec/schema.ts';

export interface MapAxis {
  /** Position among the sweep's axes. */
  axis: number;
  path: string;
  /** The different values the cells have: numbers ascend, everything else keeps its order. */
  values: AxisValue[];
}

/** Axes by position: one across, one down, the others held at a value each. */
export interface View {
  across: number;
  down: number | null;
  /** Index of the value an axis is held at, by the axis's position. */
  held: Readonly<Record<number, number>>;
}

export interface Grid {
  across: MapAxis;
  down: MapAxis | null;
  rows: (CellReply | null)[][]; // [values down (1 without), values across]
}

/** More different values than this cannot be a row or column each; the cells are then listed. */
const VALUES_MAX = 40;

const sameValue = (a: AxisValue, b: AxisValue) => JSON.stringify(a) === JSON.stringify(b);

export function mapAxes(paths: readonly string[], cells: readonly CellReply[]): MapAxis[] {
  return paths.map((path, axis) => {
    const distinct = new Map(
      cells.map(({ values }) => [JSON.stringify(values[axis]), values[axis] as AxisValue]),
    );
    const values = [...distinct.values()];
    const allNumbers = values.every((value) => typeof value === 'number');
    return { axis, path, values: allNumbers ? (values as number[]).sort((a, b) => a - b) : values };
  });
}

/** True where the cells fill rows and columns, one in each place; a random search seldom does, and is listed. */
export const isGrid = (axes: readonly MapAxis[], cells: readonly CellReply[]): boolean =>
  axes.length > 0 &&
  axes.every(({ values }) => values.length <= VALUES_MAX) &&
  axes.reduce((all, { values }) => all * values.length, 1) === cells.length &&
  new Set(cells.map(({ values }) => JSON.stringify(values))).size === cells.length;

/** The first look: the last axis across, the one before down, the rest at their first value. */
export const firstView = (axes: readonly MapAxis[]): View => ({
  across: axes.length - 1,
  down: axes.length > 1 ? axes.length - 2 : null,
  held: {},
});

export function layoutGrid(axes: readonly MapAxis[], cells: readonly CellReply[], view: View): Grid {
  const across = axes[view.across] as MapAxis;
  const down = view.down === null ? null : (axes[view.down] as MapAxis);
  const shown = cells.filter(({ values }) =>
    axes.every(
      (a) =>
        a.axis === view.across ||
        a.axis === view.down ||
        sameValue(values[a.axis] as AxisValue, a.values[view.held[a.axis] ?? 0] as AxisValue),
    ),
  );
  const at = (x: AxisValue, y: AxisValue | null) =>
    shown.find(
      ({ values }) =>
        sameValue(values[across.axis] as AxisValue, x) &&
        (down === null || sameValue(values[down.axis] as AxisValue, y as AxisValue)),
    ) ?? null;
  const rows = (down?.values ?? [null]).map((y) => across.values.map((x) => at(x, y)));
  return { across, down, rows };
}

/** Puts another axis across or down; the one that stood there takes its place. */
export function withAxis(view: View, side: 'across' | 'down', axis: number): View {
  const other = side === 'across' ? 'down' : 'across';
  const swapped = view[other] === axis ? { [other]: view[side] } : {};
  return { ...view, ...swapped, [side]: axis };
}

/** Where an arrow key leads from a place in a grid of cells, past empty places; the same place where it leads nowhere. */
export function moved(
  rows: Grid['rows'],
  from: readonly [number, number],
  key: string,
): readonly [number, number] {
  const [down, across] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[
    key
  ] ?? [0, 0];
  if (down === 0 && across === 0) return from;
  for (
    let [r, c] = [from[0] + down!, from[1] + across!];
    rows[r]?.[c] !== undefined;
    r += down!, c += across!
  ) {
    if (rows[r]?.[c]) return [r, c];
  }
  return from;
}
