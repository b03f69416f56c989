import '../style.css';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RunPlot, type RunPlotProps } from './RunPlot.tsx';
import { bandOf } from './run-band.ts';

const box = document.createElement('div');
beforeEach(() => document.body.append(box));
afterEach(() => {
  act(() => render(null, box));
  box.remove();
});

const line = (...test: number[]) => ({ steps: [0, 1, 10, 100], train: [0.1, 0.5, 1, 1], test });
const FIRST = line(0.1, 0.1, 0.2, 0.99);
const PROPS: RunPlotProps = {
  ...{ curves: FIRST, metric: 'accuracy', lastStep: 100, threshold: 0.95, tMem: 10, tGen: 100 },
  label: 'A curve.',
};

const shown = (change: Partial<RunPlotProps> = {}) =>
  act(() => render(<RunPlot {...PROPS} {...change} />, box));
const readout = () => box.querySelector('.readout')?.textContent;
const reader = () => box.querySelector<HTMLInputElement>('input[type=range]')!;
/** The picture, once it was drawn. */
const canvas = async () => {
  await vi.waitFor(() => expect(box.querySelector('canvas')).not.toBeNull());
  await new Promise((resolve) => setTimeout(resolve, 100));
  return box.querySelector('canvas')!;
};
const drawn = async () => (await canvas()).toDataURL();

test('the curve is read at its last step, and step by step from the keyboard', async () => {
  shown();
  await canvas();
  expect(readout()).toBe('train accuracy 100.0 %test accuracy 99.0 %at step 100');
  act(() => reader().focus());
  act(() => {
    reader().value = '1';
    reader().dispatchEvent(new Event('input', { bubbles: true }));
  });
  expect(readout()).toBe('train accuracy 50.0 %test accuracy 10.0 %at step 1');
  expect(reader().getAttribute('aria-valuetext')).toBe('step 1: train 50.0 %, test 10.0 %');
  expect(box.querySelector('.u-cursor-x:not(.u-off)')).not.toBeNull();
  act(() => reader().blur());
  expect(readout()).toContain('at step 100');
});

test('what is read stays where it is while the curve grows', async () => {
  shown({ curves: { steps: [0, 1], train: [0, 0.1], test: [0, 0.2] } });
  await canvas();
  act(() => reader().focus());
  shown();
  expect(readout()).toContain('at step 1');
  expect(readout()).not.toContain('at step 100');
});

test('of many runs each is drawn and marked, or all of them as a band', async () => {
  const others = [line(0, 0, 0.9, 1), line(0, 0, 0, 0.3)];
  shown();
  const alone = await drawn();
  shown({ curves: { ...FIRST, others } });
  const thin = await drawn();
  shown({ curves: { ...FIRST, others }, marks: [{ tMem: 10, tGen: 60 }] });
  const marked = await drawn();
  shown({ band: bandOf([FIRST, ...others]) });
  const banded = await drawn();
  expect(new Set([alone, thin, marked, banded]).size).toBe(4);
  expect(readout()).toContain('median of test accuracy');
});

test('a loss may be 0, and a curve may be empty', async () => {
  shown({ metric: 'loss', curves: line(0, 0, 0, 0) });
  await canvas();
  expect(readout()).toContain('test loss 0.00');
  shown({ curves: { steps: [], train: [], test: [] } });
  expect(readout()).toBe('train accuracy –test accuracy –at step –');
  expect(box.querySelector('input')).toBeNull();
});

test('the curve is drawn in another window too', async () => {
  const frame = document.createElement('iframe');
  document.body.append(frame);
  const body = frame.contentDocument?.body as HTMLElement;
  act(() => render(<RunPlot {...PROPS} />, body));
  await vi.waitFor(() => expect(body.querySelector('canvas')).not.toBeNull());
  act(() => render(null, body));
  frame.remove();
});
