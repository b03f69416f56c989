import { useEffect, useState } from 'preact/hooks';

/** Colours of the curves of cells, from the first to the last, as many as the style sheet has. */
export const CELL_COLOURS = 8;

export interface PlotTheme {
  ink: string;
  /** Of marks that must be seen on everything else. */
  mark: string;
  grid: string;
  train: string;
  test: string;
  surface: string;
  cells: string[]; // [CELL_COLOURS]
  font: string;
}

/** The plot style of the style sheet, in the colours of the theme in use. */
export function plotTheme(element: Element): PlotTheme {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(`--plot-${name}`).trim();
  return {
    ink: token('ink'),
    mark: style.color,
    grid: token('grid'),
    train: token('train'),
    test: token('test'),
    surface: token('surface'),
    cells: Array.from({ length: CELL_COLOURS }, (_, i) => token(`cell-${i}`)),
    font: `12px ${style.fontFamily}`,
  };
}

/** Which of the colours a cell has: spread evenly, so that neighbours in a sweep are neighbours in colour. */
export const cellColour = (cell: number, cells: number): number =>
  cells <= 1 ? 5 : Math.round((cell * (CELL_COLOURS - 1)) / (cells - 1));

/** True in the dark theme; renders again when the theme changes, for what is drawn on a canvas. */
export function useIsDark(): boolean {
  const query = () => matchMedia('(prefers-color-scheme: dark)');
  const [isDark, setDark] = useState(() => query().matches);
  useEffect(() => {
    const media = query();
    const changed = () => setDark(media.matches);
    media.addEventListener('change', changed);
    return () => media.removeEventListener('change', changed);
  }, []);
  return isDark;
}
