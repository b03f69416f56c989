import { render } from 'preact';
import { expect, test } from 'vitest';
import { KeptWork } from './KeptWork.tsx';

const held = (run: number, step: number) => ({ sweepId: 'demo-00000000', run, step });

function said(waiting: number, ...runs: ReturnType<typeof held>[]): string[] {
  const box = document.createElement('div');
  render(<KeptWork waiting={waiting} runs={runs} titleOf={() => 'Demo'} />, box);
  return [...box.querySelectorAll('p')].map(({ textContent }) => textContent);
}

test('before Start the page says what this device holds, what waits, and what Start does with them', () => {
  expect(said(0)).toEqual([]);
  expect(said(1, held(0, 14_497))).toEqual([
    'This device holds run 0 of Demo at step 14,497.',
    '1 finished result waits to be sent.',
    'Start sends it and goes on with the run, unless another device has taken over.',
  ]);
  expect(said(2)).toEqual(['2 finished results wait to be sent.', 'Start sends them.']);
  expect(said(0, held(0, 400), held(1, 4000))).toEqual([
    'This device holds 2 runs (0 to 1) of Demo at steps 400 to 4000.',
    'Start goes on with the runs, unless another device has taken over.',
  ]);
});
