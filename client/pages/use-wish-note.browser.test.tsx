import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SweepSummary } from '../../shared/protocol.ts';
import { useWishNote } from './use-wish-note.ts';

const box = document.createElement('div');
let asked: string[] = [];
let answer: () => Response = () => Response.error();

beforeEach(() => {
  document.body.append(box);
  asked = [];
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    return answer();
  });
});
afterEach(() => {
  act(() => render(null, box));
  box.remove();
  vi.unstubAllGlobals();
});

const open = [{ id: 'grid-0123abcd', title: 'A grid' }] as SweepSummary[];
function Note({ sweepId }: { sweepId: string }) {
  return <>{useWishNote({ sweepId, researcher: null }, open)}</>;
}
const wish = (sweepId: string) => act(() => render(<Note sweepId={sweepId} />, box));
const sweep = (change: Partial<SweepSummary>) => () =>
  Response.json({
    sweep: { title: 'Old', mode: 'running', runs: 8, finishedRuns: 8, failedRuns: 0, ...change },
  });

test('of a wish that has work there is nothing to say, or to ask', () => {
  wish('grid-0123abcd');
  expect([box.textContent, asked]).toEqual(['', []]);
});

test.each([
  [
    'does not exist',
    () => Response.json({ error: { code: 'not-found', message: 'No.' } }, { status: 404 }),
    'There is no sweep nosuch-12345678. Other sweeps get the work.',
  ],
  ['is finished', sweep({}), '“Old” has no runs left to train.'],
  ['was cancelled', sweep({ mode: 'cancelled', finishedRuns: 1 }), '“Old” was cancelled.'],
  ['is paused', sweep({ mode: 'paused', finishedRuns: 1 }), '“Old” is paused.'],
] as const)('of a sweep that %s it is said', async (_, reply, words) => {
  answer = reply;
  wish('nosuch-12345678');
  await expect.poll(() => box.textContent).toContain(words);
});
