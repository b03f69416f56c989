const WIDE = 100;

/** "[####......]", narrower on a narrow terminal, so that what follows is seen too. */
export function barOf(step: number, steps: number, columns: number): string {
  const width = columns < WIDE ? 10 : 24;
  const full = Math.round((width * step) / steps);
  return `[${'#'.repeat(full)}${'.'.repeat(width - full)}]`;
}
