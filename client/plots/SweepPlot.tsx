import { useEffect, useRef, useState } from 'preact/hooks';
import { nearestRun } from './nearest-run.ts';
import { drawRun, drawScene, type Frame, prepare, type SweepLine, type SweepScene } from './sweep-canvas.ts';
import { plotTheme, useIsDark } from './theme.ts';

export interface SweepPlotProps extends SweepScene {
  /** The run brought out, with its tGen. */
  pointed: { line: SweepLine; tGen: number | null } | null;
  onPoint: (run: number) => void;
  label: string;
  height: number;
}

/** Every run's curve on a log axis: two canvases, so that pointing at a run redraws only that run. */
export function SweepPlot(props: SweepPlotProps) {
  const { lines, cell, lastStep, threshold, showTrain, own, pointed, height } = props;
  const box = useRef<HTMLDivElement>(null);
  const base = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const isDark = useIsDark();
  const frame: Frame = { width, height, lastStep };
  useEffect(() => {
    if (width === 0 || !base.current) return;
    const scene = { lines, cell, lastStep, threshold, showTrain, own };
    drawScene(prepare(base.current, frame), frame, plotTheme(base.current), scene);
  }, [lines, cell, lastStep, threshold, showTrain, own, width, height, isDark]);
  useEffect(() => {
    if (width === 0 || !over.current) return;
    const ctx = prepare(over.current, frame);
    if (pointed) drawRun(ctx, frame, plotTheme(over.current), pointed);
  }, [pointed?.line, pointed?.tGen, lastStep, width, height, isDark]);
  const point = (event: PointerEvent) => {
    const bounds = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const candidates = cell === null ? lines : lines.filter((line) => line.cell === cell);
    const run = nearestRun(candidates, frame, event.clientX - bounds.left, event.clientY - bounds.top)?.run;
    if (run !== undefined && run !== pointed?.line.run) props.onPoint(run);
  };
  // The same runs are reached by keyboard through the slider and the table beside the plot.
  return (
    <div
      class="plot-canvas plot-layers"
      ref={box}
      role="img"
      aria-label={props.label}
      style={{ height: `${height}px` }}
      onPointerMove={point}
      onPointerDown={point}
    >
      <canvas ref={base} />
      <canvas ref={over} />
    </div>
  );
}

/** The width of an element in pixels, kept up to date; 0 before it is laid out. */
function useWidth(ref: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current as HTMLElement;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return width;
}
