import { render, type VNode } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EngineChoice as Chosen } from '../engine/messages.ts';
import { adviceFor } from '../volunteer/advice.ts';
import { speak } from '../words/index.ts';
import { Advice } from './Advice.tsx';
import { EngineChoice } from './EngineChoice.tsx';
import { Trouble } from './Trouble.tsx';

const box = document.createElement('div');
beforeEach(() => document.body.append(box));
afterEach(async () => {
  act(() => render(null, box));
  box.remove();
  await speak('en');
});

const show = (what: VNode) => {
  act(() => render(what, box));
  return box.textContent ?? '';
};
const measureButton = () => box.querySelector('button') as HTMLButtonElement;

const choice: Chosen = {
  ...{ engine: 'wasm', version: '1', device: 'processor, 2 threads', replicas: 2, msPerStep: 0.1 },
  ...{ flopsPerSecond: 1e11, release: '0', machine: 'a test', measuredAtMs: Date.UTC(2026, 10, 22, 12) },
  roof: { flopsPerSecond: 56e9, bytesPerSecond: 230e9, flopsPerStep: 2.8e6, bytesPerStep: 2e5 },
  trials: [
    {
      name: 'wasm',
      device: 'processor, 2 threads',
      rates: [{ replicas: 2, msPerStep: 0.1 }],
      problem: null,
    },
    { name: 'webgpu', device: 'software', rates: [{ replicas: 1, msPerStep: 1.2 }], problem: null },
  ],
};
const engine = (change: Partial<Chosen> = {}, isStored = false) => ({
  choice: { ...choice, ...change },
  isStored,
});

test('the engine is named with its speed, its share of the roofline, and what that is', async () => {
  const said = show(<EngineChoice engine={engine()} isMeasuring={false} onMeasure={null} />);
  expect(said).toContain('wasm on processor, 2 threads: 0.1 ms per step and run');
  expect(said).toContain('50.0 % of what this device could do at most');
  expect(said).toContain('a measured ceiling of 56 GFLOP a second');
  expect(said).toContain('So for this network the arithmetic is the limit.');
  expect(said).not.toContain('More than all of it');
  await speak('de');
  expect(show(<EngineChoice engine={engine()} isMeasuring={false} onMeasure={null} />)).toContain('50,0 %');
});

test('a share of more than all is not hidden, and said to be an error of measuring', () => {
  const said = show(
    <EngineChoice engine={engine({ msPerStep: 0.04 })} isMeasuring={false} onMeasure={null} />,
  );
  expect(said).toContain('125.0 %');
  expect(said).toContain('the ceiling was measured too low');
});

test('where there is no measured roof, the page says so', () => {
  const { roof: _, ...before } = choice;
  const said = show(
    <EngineChoice engine={{ choice: before, isStored: true }} isMeasuring={false} onMeasure={null} />,
  );
  expect(said).toContain('was not measured');
  expect(said).toContain('Measured on 22 November 2026, on an earlier visit.');
});

test('the engines are measured again on demand, and not twice at once', () => {
  let asked = 0;
  const measure = () => {
    asked++;
  };
  show(<EngineChoice engine={engine()} isMeasuring={false} onMeasure={measure} />);
  act(() => measureButton().click());
  expect(asked).toBe(1);
  show(<EngineChoice engine={engine()} isMeasuring onMeasure={measure} />);
  act(() => measureButton().click());
  expect(asked).toBe(1);
  expect(measureButton().getAttribute('aria-disabled')).toBe('true');
});

const FIREFOX = {
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0',
  ...{ isSecureContext: true, hasGpu: false, hasAdapter: null },
  ...{ hasWasm: true, hasWorker: true, hasLocks: true, hasOpfs: true },
};

test('advice says what the browser lacks, what it can all the same, and what was measured here', () => {
  const advice = adviceFor(FIREFOX);
  const before = show(<Advice advice={advice} choice={null} />);
  expect(before).toContain('Firefox 153 on Linux has no WebGPU.');
  expect(before).toContain('the processor trains instead');
  expect(show(<Advice advice={advice} choice={choice} />)).toContain('wasm is 12 times as fast as WebGPU');
  expect(box.querySelectorAll('li').length).toBe(advice.steps.length);
});

test('a browser that cannot train is shown to a replay; one that lacks nothing is told nothing', () => {
  const insecure = adviceFor({ ...FIREFOX, isSecureContext: false });
  show(<Advice advice={insecure} choice={null} />);
  expect(box.querySelector('a')?.getAttribute('href')).toBe('/');
  expect(box.querySelector('code')?.textContent).toContain('https://');
  const good = adviceFor({ ...FIREFOX, hasGpu: true, hasAdapter: true });
  expect(show(<Advice advice={good} choice={choice} />)).toBe('');
});

test('trouble is told with what to do, in the language of the page, and keeps its own words', async () => {
  const words = 'Going on from step 40: the graphics device was lost: destroyed';
  const english = show(<Trouble words={words} code={null} />);
  expect(english).toContain(words);
  expect(english).toContain('What you can do: Nothing at first');
  await speak('de');
  const german = show(<Trouble words={words} code={null} />);
  expect(german).toContain('Die Grafikkarte ist weg');
  expect(german).toContain('Was du tun kannst: Zunächst nichts');
  expect(box.querySelector('[lang=en]')?.textContent).toBe(words);
  expect(show(<Trouble words="Something new" code={null} />)).toBe('Something new');
  // What was sorted where it happened is in the language of the page already.
  expect(show(<Trouble words="Weg ist er" code={null} kind="network" />)).toContain('nicht zu erreichen');
  expect(show(<Trouble words="Weg ist er" code={null} kind="network" hasEnded />)).toContain(
    'noch einmal auf Start',
  );
  expect(show(<Trouble words="Nun einer" code={null} kind={null} />)).toBe('Nun einer');
  expect(box.querySelector('[lang=en]')).toBeNull();
});
