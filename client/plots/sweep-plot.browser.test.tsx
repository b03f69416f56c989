import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SweepPlot } from './SweepPlot.tsx';
import { type OwnRun, type SweepLine, xOf, yOf } from './sweep-canvas.ts';

const line: SweepLine = {
  ...{ run: 0, cell: 0, colour: 0, isLive: false },
  ...{ steps: [0, 10, 100, 1000], train: [0, 0, 0, 0], test: [0.4, 0.4, 0.4, 0.4] },
};
const FRAME = { width: 600, height: 300, lastStep: 1000 };
const box = document.createElement('div');

beforeEach(() => {
  box.style.width = `${FRAME.width}px`;
  document.body.append(box);
});
afterEach(() => {
  act(() => render(null, box));
  box.remove();
});

/** How many pixels around a step of the curve have anything on them. */
async function inkAround(step: number, own: OwnRun[]): Promise<number> {
  const scene = { lines: [line], cell: null, lastStep: 1000, threshold: null, showTrain: false };
  act(() =>
    render(
      <SweepPlot {...scene} own={own} pointed={null} onPoint={() => {}} label="curves" height={300} />,
      box,
    ),
  );
  const canvas = box.querySelector('canvas') as HTMLCanvasElement;
  await expect.poll(() => canvas.width).toBe(FRAME.width * devicePixelRatio);
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const [x, y] = [xOf(FRAME, step) * devicePixelRatio, yOf(FRAME, 0.4) * devicePixelRatio];
  const { data } = context.getImageData(x - 5, y - 5, 10, 10);
  return data.filter((value, i) => i % 4 === 3 && value > 0).length;
}

test('an own run has a ring where it generalised, or at the end of its curve where it has not', async () => {
  const [plainAt100, plainAtEnd] = [await inkAround(100, []), await inkAround(1000, [])];
  const generalised: OwnRun[] = [{ line, tGen: 100 }];
  expect(await inkAround(100, generalised)).toBeGreaterThan(2 * plainAt100);
  expect(await inkAround(1000, generalised)).toBe(plainAtEnd);
  const not: OwnRun[] = [{ line, tGen: null }];
  expect(await inkAround(100, not)).toBe(plainAt100);
  expect(await inkAround(1000, not)).toBeGreaterThan(2 * plainAtEnd);
});
