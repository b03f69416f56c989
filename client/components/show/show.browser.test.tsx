import '../../style.css';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { normal } from '../../../shared/random.ts';
import type { NetworkView, ViewedParameter } from '../../engine/messages.ts';
import { speak } from '../../words/index.ts';
import Show, { type ShowProps } from './Show.tsx';

const box = document.createElement('div');
beforeEach(() => document.body.append(box));
afterEach(async () => {
  act(() => render(null, box));
  box.remove();
  await speak('en');
});

const P = 13;
/** Of so many neurons that swing at frequency 4, the rest is noise. */
const neurons = (swinging: number) =>
  Array.from({ length: 8 }, (_, n) =>
    Float32Array.from({ length: P }, (_, a) =>
      n < swinging ? Math.cos(2 * Math.PI * ((4 * a) / P + n / 8)) : normal(2, 'init', n * P + a, 0),
    ),
  );
const matrix = (name: string, change: Partial<ViewedParameter> = {}): ViewedParameter => ({
  ...{ name, rows: 4, columns: 500, shownRows: 4, shownColumns: 84, mask: null, kept: null },
  values: Float32Array.from({ length: 4 * 84 }, (_, i) => (i - 168) / 100),
  ...change,
});
const looked = (change: Partial<NetworkView> = {}): NetworkView => ({
  ...{ sweepId: 'demo-00000000', run: 7, step: 1234, tookMs: 3 },
  parameters: [matrix('E'), matrix('Win')],
  residues: { p: P, neurons: neurons(8), of: 'input' },
  ...change,
});

function shown(view: NetworkView | null, onWant: ShowProps['onWant'] = () => {}, isTraining = true): string {
  act(() => render(<Show view={view} isTraining={isTraining} onWant={onWant} />, box));
  return box.textContent ?? '';
}
const choose = (name: string) =>
  act(() => [...box.querySelectorAll('label')].find(({ textContent }) => textContent === name)?.click());
const picture = () => box.querySelector('canvas')?.getAttribute('aria-label');
/** How many different colours a canvas has. */
const colours = (canvas: HTMLCanvasElement) => {
  const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
  return new Set(new Uint32Array(Uint8Array.from(data).buffer)).size;
};

test('residues on a circle are drawn, and said with their frequency and its share of the power', async () => {
  const text = shown(looked());
  expect(text).toContain('Run 7 at step 1234');
  expect(text).toContain('The residues lie on a circle');
  expect(text).toContain('Seen along frequency 4, among the strongest: it has 100.0 % of the power');
  expect(picture()).toContain('The 13 residues as points along the two directions of frequency 4');
  await vi.waitFor(() => expect(colours(box.querySelector('canvas')!)).toBeGreaterThan(P));
  expect(box.querySelector('[role=status]')?.textContent).toBe(
    'The residues lie on a circle, like hours on a clock.',
  );
});

test('before there is a circle the page says that there is none', () => {
  expect(shown(looked({ residues: { p: P, neurons: neurons(0), of: 'embedding' } }))).toContain(
    'No circle yet',
  );
  expect(box.textContent).toContain('Seen in the embedding.');
});

test('from one look to the next the points travel to their new places and stay there', async () => {
  shown(looked({ residues: { p: P, neurons: neurons(0), of: 'input' } }));
  const canvas = box.querySelector('canvas')!;
  await vi.waitFor(() => expect(colours(canvas)).toBeGreaterThan(P));
  const first = canvas.toDataURL();
  shown(looked());
  await vi.waitFor(() => expect(canvas.toDataURL() === first).toBe(false));
  const isStill = async () => {
    const before = canvas.toDataURL();
    await new Promise((resolve) => setTimeout(resolve, 150));
    return canvas.toDataURL() === before;
  };
  await vi.waitFor(async () => expect(await isStill()).toBe(true), { timeout: 5000 });
});

test('where motion is not wanted the points jump', async () => {
  const media = vi.spyOn(globalThis, 'matchMedia');
  media.mockImplementation((query) => ({
    ...{ matches: query.includes('reduce'), media: query },
    ...(new EventTarget() as unknown as MediaQueryList),
    ...{ addEventListener: () => {}, removeEventListener: () => {} },
  }));
  shown(looked({ residues: { p: P, neurons: neurons(0), of: 'input' } }));
  const canvas = box.querySelector('canvas')!;
  await vi.waitFor(() => expect(colours(canvas)).toBeGreaterThan(P));
  const cloud = canvas.toDataURL();
  shown(looked());
  const jumped = canvas.toDataURL();
  expect(jumped === cloud).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(canvas.toDataURL() === jumped).toBe(true);
  media.mockRestore();
});

test('the spectrum says which frequencies are strong and how many neurons have one of their own', () => {
  shown(looked());
  choose('Spectrum');
  expect(picture()).toContain('Spectrum of 8 neurons: a row each, over 6 frequencies');
  expect(box.textContent).toContain('100.0 % at frequency 4');
  expect(box.textContent).toContain('8 of 8 neurons have more than half');
});

test('matrices of weights are told with their true size, what is shown of them, and the ends of their scale', () => {
  shown(looked());
  choose('Weights');
  expect(box.querySelectorAll('canvas')).toHaveLength(2);
  expect(picture()).toBe('Weights E, 4 rows by 500 columns, from −1.7 to 1.7.');
  expect(box.textContent).toContain('E 4 × 500, 4 × 84 evenly spaced ones shown');
  expect(colours(box.querySelector('canvas')!)).toBeGreaterThan(50);
});

test('masks are told with the share they keep, and where nothing is pruned the page says so', () => {
  shown(looked());
  choose('Masks');
  expect(box.textContent).toContain('Nothing is pruned in this run');
  const mask = Uint8Array.from({ length: 4 * 84 }, (_, i) => i % 2);
  shown(looked({ parameters: [matrix('E', { mask, kept: 0.4 }), matrix('Win')] }));
  expect(picture()).toBe('Mask of E: 40.0 % of its weights are kept.');
  expect(colours(box.querySelector('canvas')!)).toBe(2);
  expect(box.textContent).toContain('Win: nothing pruned.');
});

test('a task without residues is shown by its weights, and says why there is no circle', () => {
  shown(looked({ residues: null }));
  expect(picture()).toContain('Weights E');
  choose('Circle');
  expect(box.textContent).toContain('Neither circle nor spectrum here');
  expect(box.querySelector('canvas')).toBeNull();
});

test('without a look yet the page says whether one is to come', () => {
  expect(shown(null)).toContain('The first look inside comes');
  expect(shown(null, () => {}, false)).toContain('Nothing is being trained');
});

test('looks are wanted while the panel is open and on the screen, and no longer', async () => {
  const told: boolean[] = [];
  const onWant = (is: boolean) => told.push(is);
  shown(looked(), onWant);
  await vi.waitFor(() => expect(told).toEqual([true]));
  const summary = box.querySelector('summary')!;
  act(() => summary.click());
  await vi.waitFor(() => expect(told).toEqual([true, false]));
  act(() => summary.click());
  await vi.waitFor(() => expect(told).toEqual([true, false, true]));
  box.style.marginTop = '400vh';
  await vi.waitFor(() => expect(told.at(-1)).toBe(false));
  box.style.marginTop = '';
  await vi.waitFor(() => expect(told.at(-1)).toBe(true));
  act(() => render(null, box));
  expect(told.at(-1)).toBe(false);
});

test('all of it is there in German', async () => {
  await speak('de');
  const text = shown(looked());
  expect(text).toContain('Im Inneren des Netzes');
  expect(text).toContain('100,0 % der Leistung');
});
