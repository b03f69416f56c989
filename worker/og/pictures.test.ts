import { expect, test } from 'vitest';
import type { CellReply, HomeReply } from '../../shared/protocol.ts';
import { homePicture, type SweepPicture, sweepPicture } from './pictures.ts';

const curve = {
  curve: { steps: [0, 1, 10, 1000], 'train.accuracy': [0, 0.2, 1, 1], 'test.accuracy': [0, 0, 0, 1] },
  colour: '#251a86',
};
const cell = (n: number, value: number) =>
  ({ cell: n, values: [value], runs: 4, aggregate: { n: 4, generalised: 2 } }) as unknown as CellReply;
const picture: SweepPicture = {
  sweep: { name: 'a-name', title: 'A <title>', researcher: 'Ada', runs: 1200, cells: 2, finishedRuns: 412 },
  devices: 3,
  axes: [{ path: 'optimizer.weightDecay', values: [0, 1.5] }],
  cells: [cell(0, 0), cell(1, 1.5)],
  curves: [curve, curve, curve],
  lastStep: 1000,
};
/** What is written in a picture, in order. */
const wordsOf = (svg: string) =>
  svg
    .replaceAll(/<[^>]+>/g, '|')
    .replaceAll(/\|\s*/g, '|')
    .replaceAll(/\|+/g, '|');

test('the picture of a sweep tells its numbers, how many of its runs are drawn, and which colour is which', () => {
  const words = wordsOf(sweepPicture(picture));
  expect(words).toContain('|A &lt;title&gt;|');
  expect(words).toContain('|Test accuracy over steps, 3 of 412 finished runs|weight decay|0|1.5|');
  expect(words).toContain('|412 of 1200|runs finished|2|configurations|3|devices now|');
});

test('of one run both curves are drawn, and what there is none of is not told', () => {
  const sweep = { ...picture.sweep, runs: 1, cells: 1, finishedRuns: 1 };
  const svg = sweepPicture({ ...picture, sweep, devices: 0, axes: [], cells: [cell(0, 0)], curves: [curve] });
  expect(wordsOf(svg)).toContain('|Train and test accuracy over steps, 1 run|');
  expect(wordsOf(svg)).toContain('|1 of 1|runs finished|1|configuration|');
  expect(svg.match(/stroke="#6d7380"/g)).toHaveLength(1);
  expect(svg).not.toContain('devices now');
});

test('a sweep without results says so', () => {
  const sweep = { ...picture.sweep, finishedRuns: 0 };
  expect(sweepPicture({ ...picture, sweep, curves: [] })).toContain('No run is finished yet.');
});

test('the picture of the home page tells the numbers of all, and the newest finding where there is one', () => {
  const finding = { title: 'Weight decay decides' } as HomeReply['finding'];
  const numbers = { finishedRuns: 12_345, openSweeps: 1, volunteers: 41, devicesNow: 0, finding };
  const words = wordsOf(homePicture({ numbers, curve }));
  expect(words).toContain('|Newest finding: Weight decay decides|train|test|');
  expect(words).toContain('|12,345|finished runs|1|open sweep|41|volunteers|');
  expect(homePicture({ numbers: { ...numbers, finding: null }, curve: null })).not.toContain(
    'Newest finding',
  );
});
