import { useEffect, useRef } from 'preact/hooks';
import { useIsDark } from '../theme.ts';
import { pixelsOf } from './pixels.ts';

interface PixelPlotProps {
  rows: number;
  columns: number;
  /** From -1 to 1; what is no number is left empty. */
  values: ArrayLike<number>; // [rows, columns]
  label: string;
}

/** A matrix as a picture with a pixel for each number, as large as there is room. */
export function PixelPlot({ rows, columns, values, label }: PixelPlotProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isDark = useIsDark();
  useEffect(() => {
    const image = new ImageData(pixelsOf(values, isDark), columns, rows);
    canvas.current?.getContext('2d')?.putImageData(image, 0, 0);
  }, [values, isDark, rows, columns]);
  return <canvas ref={canvas} class="pixels" width={columns} height={rows} role="img" aria-label={label} />;
}
