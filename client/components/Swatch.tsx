import { CELL_COLOURS, cellColour } from '../plots/theme.ts';

/** The colour a cell's curves are drawn in; none where there are more cells than colours, which would mislead. */
export const Swatch = ({ cell, cells }: { cell: number; cells: number }) =>
  cells > CELL_COLOURS ? null : (
    <span
      class="swatch"
      style={{ '--swatch': `var(--plot-cell-${cellColour(cell, cells)})` }}
      aria-hidden="true"
    />
  );
