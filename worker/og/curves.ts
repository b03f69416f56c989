// Curves of accuracy over a logarithmic axis of steps, as on the pages.

import type { CurveReply } from '../../shared/protocol.ts';
import { amount, type Frame, INK, LINE, px, TRAIN, text } from './svg.ts';

export interface DrawnCurve {
  curve: Pick<CurveReply, 'steps' | 'train.accuracy' | 'test.accuracy'>;
  colour: string;
}

export interface CurveFigure {
  curves: readonly DrawnCurve[];
  lastStep: number;
  /** Whether the curves of training are drawn too: of a few runs they tell memorising from generalising. */
  withTraining: boolean;
}

/** Step 0 has no logarithm: it stands apart. */
const decades = (step: number): number => (step < 1 ? -0.3 : Math.log10(step));

const AXIS = 20;

export function drawCurves(frame: Frame, { curves, lastStep, withTraining }: CurveFigure): string {
  const { left, top, width, height } = frame;
  const span = decades(Math.max(lastStep, 2)) + 0.3;
  const x = (step: number) => left + (width * (decades(step) + 0.3)) / span;
  const y = (accuracy: number) => top + height * (1 - Math.min(1, Math.max(0, accuracy)));
  const line = (steps: readonly number[], values: readonly number[]) =>
    steps.map((step, i) => `${i === 0 ? 'M' : 'L'}${px(x(step))} ${px(y(values[i] ?? 0))}`).join('');
  const path = (d: string, colour: string, stroke: number) =>
    `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${stroke}" stroke-linejoin="round" stroke-linecap="round" stroke-opacity="${curves.length > 8 ? 0.6 : 1}"/>`;
  const wide = curves.length > 8 ? 2.5 : 5;
  return [
    ...[0, 0.5, 1].map(
      (level) =>
        `<path d="M${left} ${px(y(level))}h${width}" stroke="${LINE}" stroke-width="2"/>${text(`${100 * level} %`, left - 12, y(level) + 7, { size: AXIS, fill: INK.faint, anchor: 'end' })}`,
    ),
    ...ticks(lastStep).map((step) =>
      text(amount(step), x(step), top + height + 30, {
        size: AXIS,
        fill: INK.faint,
        anchor: step === lastStep ? 'end' : 'middle',
      }),
    ),
    ...(withTraining
      ? curves.map(({ curve }) => path(line(curve.steps, curve['train.accuracy']), TRAIN, wide * 0.7))
      : []),
    ...curves.map(({ curve, colour }) => path(line(curve.steps, curve['test.accuracy']), colour, wide)),
  ].join('');
}

/** Step 0, the powers of ten, and the last step, which pushes aside what is too near. */
function ticks(lastStep: number): number[] {
  const powers: number[] = [];
  for (let step = 1; step < lastStep * 0.55; step *= 10) powers.push(step);
  return [0, ...powers, lastStep];
}
