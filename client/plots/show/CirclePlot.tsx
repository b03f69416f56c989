import { useEffect, useRef } from 'preact/hooks';
import { plotTheme, useIsDark } from '../theme.ts';
import { between, type CirclePicture } from './circle.ts';
import { drawCircle } from './circle-canvas.ts';

/** As long as until the next look, at most: then the points are always on their way. */
const TURN_MS = 700;

/** The residues; from one picture to the next the points travel where motion is wanted, else they jump. */
export function CirclePlot({ picture, label }: { picture: CirclePicture; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const shown = useRef<Float64Array | null>(null);
  const isDark = useIsDark();
  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    const look = { theme: plotTheme(element), isDark };
    const draw = (points: Float64Array) => {
      shown.current = points;
      drawCircle(element, { ...picture, points }, look);
    };
    const resize = () => {
      const side = Math.round(element.clientWidth * devicePixelRatio);
      if (side === element.width && side === element.height) return;
      element.width = element.height = side;
      if (shown.current) draw(shown.current);
    };
    const resized = new ResizeObserver(resize);
    resized.observe(element);
    resize();
    const stop = travel(shown.current, picture.points, draw);
    return () => {
      resized.disconnect();
      stop();
    };
  }, [picture, isDark]);
  return <canvas ref={canvas} class="circle" role="img" aria-label={label} />;
}

/** Draws the way from some points to others, frame by frame; returns how to stop. */
function travel(
  from: Float64Array | null,
  to: Float64Array,
  draw: (points: Float64Array) => void,
): () => void {
  if (!from || matchMedia('(prefers-reduced-motion: reduce)').matches) {
    draw(to);
    return () => {};
  }
  const startMs = performance.now();
  let frame = requestAnimationFrame(function step(nowMs) {
    const share = Math.min(1, Math.max(0, (nowMs - startMs) / TURN_MS));
    draw(between(from, to, share * share * (3 - 2 * share)));
    if (share < 1) frame = requestAnimationFrame(step);
  });
  return () => cancelAnimationFrame(frame);
}
