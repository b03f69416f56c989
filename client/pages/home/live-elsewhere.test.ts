import { afterEach, expect, test, vi } from 'vitest';
import { findLive } from './live-elsewhere.ts';

afterEach(() => vi.unstubAllGlobals());

const open = (id: string) => ({ id, mode: 'running', runs: 9, finishedRuns: 3, failedRuns: 0 });
const upTo = (points: number) => Array.from({ length: points }, (_, i) => i);

/** A server with sweeps, in each of which one run is being trained, and so many points of it are known. */
function serve(points: Record<string, number>, told = (steps: number[]) => steps): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    const [, id] = /^\/api\/sweeps\/([a-z]+)\?/.exec(url) ?? [];
    if (!id) return Response.json({ sweeps: Object.keys(points).map(open) });
    const runs = [3, 4].map((index) => ({ index, state: index === 4 ? 'training' : 'finished' }));
    const isOne = url.includes('count=1&');
    return Response.json({
      sweep: { id },
      runs: isOne ? runs.slice(1) : runs,
      live: isOne ? [{ run: 4, steps: told(upTo(points[id] ?? 0)) }] : [],
    });
  });
  return asked;
}

test('a run that is being trained and told of is found, and gone on with without a search', async () => {
  const asked = serve({ silent: 0, told: 12 });
  const { signal } = new AbortController();
  const found = await findLive(signal, null);
  expect([found?.sweep.id, found?.curve.run]).toEqual(['told', 4]);
  expect(asked).toHaveLength(5);
  asked.length = 0;
  expect((await findLive(signal, found))?.curve.run).toBe(4);
  expect(asked).toEqual(['/api/sweeps/told?from=4&count=1&curves=true']);
});

test('a curve with a hole in it is not shown', async () => {
  serve({ hasty: 12 }, (steps) => steps.map((step) => (step < 9 ? step : 1000 * step)));
  expect(await findLive(new AbortController().signal, null)).toBeNull();
});

test('where nothing is told of there is nothing to show', async () => {
  serve({ silent: 2 });
  expect(await findLive(new AbortController().signal, null)).toBeNull();
});
