// The pictures that link previews show, as SVG: pure functions of what is known.

import type { CellReply, HomeReply, SweepSummary } from '../../shared/protocol.ts';
import type { Axis } from '../../shared/spec/axes.ts';
import type { AxisValue } from '../../shared/spec/schema.ts';
import { pathWords, valueWords } from '../../shared/spec/words.ts';
import { type DrawnCurve, drawCurves } from './curves.ts';
import { drawPhase, phaseOf } from './phase.ts';
import {
  ACCENT,
  amount,
  cellColour,
  clipped,
  escaped,
  type Frame,
  INK,
  LINE,
  legible,
  MARGIN,
  px,
  SIZE,
  text,
  textWidth,
  wrapped,
} from './svg.ts';

/** [number, what it counts] */
type Fact = readonly [string, string];

const WIDTH = SIZE.width - 2 * MARGIN;
const TITLE = 46;

export interface HomePicture {
  numbers: Pick<HomeReply, 'finishedRuns' | 'openSweeps' | 'devicesNow' | 'volunteers' | 'finding'>;
  /** One generalised run of the newest finding. */
  curve: DrawnCurve | null;
}

export function homePicture({ numbers, curve }: HomePicture): string {
  const { finding, finishedRuns, devicesNow, volunteers, openSweeps } = numbers;
  const question = ['When does a network stop memorising', 'and start to generalise?'];
  const frame = { left: MARGIN + 70, top: 268, width: WIDTH - 70, height: 186 };
  const figure =
    curve && finding
      ? drawCurves(frame, {
          curves: [{ ...curve, colour: ACCENT }],
          lastStep: curve.curve.steps.at(-1) ?? 1,
          withTraining: true,
        }) + key(finding.title, frame.top - 20)
      : text('Nothing runs until you press Start. Nothing is installed.', MARGIN, 330, {
          size: 30,
          fill: INK.soft,
        });
  return page([
    head('a public laboratory, run on donated browser GPUs'),
    ...question.map((line, i) => text(line, MARGIN, 150 + 54 * i, { size: TITLE, bold: true })),
    figure,
    facts([
      [amount(finishedRuns), plural(finishedRuns, 'finished run', 'finished runs')],
      [amount(openSweeps), plural(openSweeps, 'open sweep', 'open sweeps')],
      [amount(volunteers), plural(volunteers, 'volunteer', 'volunteers')],
      [amount(devicesNow), plural(devicesNow, 'device now', 'devices now')],
    ]),
  ]);
}

export interface SweepPicture {
  sweep: Pick<SweepSummary, 'name' | 'title' | 'researcher' | 'runs' | 'cells' | 'finishedRuns'>;
  /** Devices that hold a live lease on it. */
  devices: number;
  axes: readonly Axis[];
  cells: readonly CellReply[];
  curves: readonly DrawnCurve[];
  lastStep: number;
}

export function sweepPicture(picture: SweepPicture): string {
  const { sweep, devices } = picture;
  const lines = wrapped(legible(sweep.title, sweep.name), TITLE, WIDTH, 2);
  const top = 130 + 54 * lines.length;
  return page([
    head(`a sweep by ${legible(sweep.researcher, 'a researcher')}`),
    ...lines.map((line, i) => text(line, MARGIN, 146 + 54 * i, { size: TITLE, bold: true })),
    findings(picture, { left: MARGIN, top: top + 28, width: WIDTH, height: 424 - top }),
    facts([
      [`${amount(sweep.finishedRuns)} of ${amount(sweep.runs)}`, 'runs finished'],
      [amount(sweep.cells), plural(sweep.cells, 'configuration', 'configurations')],
      [amount(devices), plural(devices, 'device now', 'devices now')],
    ]),
  ]);
}

/** The phase diagram where there is one, else the curves, else that there is nothing yet. */
function findings({ sweep, axes, cells, curves, lastStep }: SweepPicture, frame: Frame): string {
  const { left, top, width, height } = frame;
  const said = (words: string) => text(words, left, top, { size: 22, fill: INK.soft });
  const phase = sweep.finishedRuns > 0 ? phaseOf(axes, cells) : null;
  if (phase) {
    const map = drawPhase({ ...frame, top: top + 18, height: height - 54 }, phase);
    return said('Runs that generalised, of those finished') + map;
  }
  if (curves.length === 0) {
    const words = 'No run is finished yet. Lend a device and be the first.';
    return text(words, left, top + 60, { size: 30, fill: INK.soft });
  }
  const shown = amount(curves.length);
  const isAll = curves.length >= sweep.finishedRuns;
  const of = isAll ? shown : `${shown} of ${amount(sweep.finishedRuns)} finished`;
  const withTraining = curves.length <= 2;
  return [
    said(
      `${withTraining ? 'Train and test' : 'Test'} accuracy over steps, ${of} ${plural(curves.length, 'run', 'runs')}`,
    ),
    withTraining ? '' : legend(axes, cells, { x: left + width, y: top }),
    drawCurves(
      { left: left + 70, top: top + 24, width: width - 70, height: height - 40 },
      { curves, lastStep, withTraining },
    ),
  ].join('');
}

const LEGEND_MAX = 6;

/** The colours of a few configurations that differ in one parameter. */
function legend(axes: readonly Axis[], cells: readonly CellReply[], at: { x: number; y: number }): string {
  const [axis] = axes;
  if (!axis || axes.length > 1 || cells.length > LEGEND_MAX) return '';
  const values = cells.map(({ cell, values: [value] }) => {
    const words = escaped(clipped(valueWords(value as AxisValue), 22, 120));
    return `<tspan font-weight="700" fill="${cellColour(cell, cells.length)}">\u00a0\u00a0${words}</tspan>`;
  });
  return `<text x="${at.x}" y="${at.y}" font-size="22" text-anchor="end" fill="${INK.soft}">${escaped(pathWords(axis.path))}${values.join('')}</text>`;
}

const plural = (n: number, one: string, many: string): string => (n === 1 ? one : many);

/** A browser tab in which a curve rises late, and what this is. */
const head = (words: string): string =>
  `<g transform="translate(${MARGIN} 38) scale(1.5)" fill="none" stroke-linecap="round" stroke-linejoin="round"><path stroke="#7d818c" stroke-width="2.5" d="M2.5 27V9a4 4 0 0 1 4-4h5.2a4 4 0 0 1 3.2 1.6l1.2 1.6a4 4 0 0 0 3.2 1.6h6.2a4 4 0 0 1 4 4V27"/><path stroke="#e0652b" stroke-width="3.5" d="M2.5 27H14c7 0 3.5-9.5 10-9.5h5.5"/></g>${text(
    'Tabgrad',
    MARGIN + 64,
    74,
    { size: 30, bold: true },
  )}${text(clipped(words, 24, 800), SIZE.width - MARGIN, 74, { size: 24, fill: INK.soft, anchor: 'end' })}`;

/** What the two lines of the newest finding are. */
function key(title: string, y: number): string {
  const words = clipped(`Newest finding: ${legible(title, 'a sweep')}`, 22, WIDTH - 180);
  return (
    text(words, MARGIN, y, { size: 22, fill: INK.soft }) +
    text('train', SIZE.width - MARGIN - 70, y, { size: 22, fill: '#6d7380', bold: true, anchor: 'end' }) +
    text('test', SIZE.width - MARGIN, y, { size: 22, fill: ACCENT, bold: true, anchor: 'end' })
  );
}

/** What there is none of is not told. */
function facts(all: readonly Fact[]): string {
  let x = MARGIN;
  const drawn = all.flatMap(([number, words]) => {
    if (number === '0') return [];
    const at = x;
    x += textWidth(number, 40) + textWidth(words, 26) + 48;
    return `<text x="${px(at)}" y="572" font-size="40" font-weight="700" fill="${INK.ink}">${number}<tspan dx="12" font-size="26" font-weight="400" fill="${INK.soft}">${words}</tspan></text>`;
  });
  return `<path d="M${MARGIN} 512h${WIDTH}" stroke="${LINE}" stroke-width="2"/>${drawn.join('')}`;
}

const page = (parts: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE.width}" height="${SIZE.height}" viewBox="0 0 ${SIZE.width} ${SIZE.height}" font-family="Inter"><rect width="100%" height="100%" fill="${INK.paper}"/><rect width="100%" height="8" fill="${ACCENT}"/>${parts.join('')}</svg>`;
