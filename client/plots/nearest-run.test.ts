import { expect, test } from 'vitest';
import { nearestRun } from './nearest-run.ts';
import { type SweepLine, xOf, yOf } from './sweep-canvas.ts';

const frame = { width: 800, height: 400, lastStep: 1000 };
const line = (run: number, accuracy: number): SweepLine => ({
  run,
  cell: 0,
  colour: 0,
  isLive: false,
  steps: [0, 1, 10, 100, 1000],
  train: [1, 1, 1, 1, 1],
  test: Array(5).fill(accuracy),
});

test('pointing at a curve finds its run', () => {
  const lines = [line(1, 0.2), line(2, 0.6), line(3, 0.9)];
  expect(nearestRun(lines, frame, xOf(frame, 50), yOf(frame, 0.61))?.run).toBe(2);
  expect(nearestRun(lines, frame, xOf(frame, 0), yOf(frame, 0.19))?.run).toBe(1);
});

test('pointing far from every curve finds none', () => {
  expect(nearestRun([line(1, 0.1)], frame, xOf(frame, 50), yOf(frame, 0.9))).toBeNull();
  expect(nearestRun([], frame, 100, 100)).toBeNull();
});
