/** The colour a cell's curves are drawn in. */
export const Swatch = ({ colour }: { colour: number }) => (
  <span class="swatch" style={{ '--swatch': `var(--plot-cell-${colour})` }} aria-hidden="true" />
);
