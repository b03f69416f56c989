import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { stubbedTabs } from '../test/fake-tabs.ts';
import { Tabs } from './tabs.ts';
import { alone } from './training-lock.ts';

beforeEach(() => {
  vi.useFakeTimers();
  stubbedTabs();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const settled = () => vi.advanceTimersByTimeAsync(0);

/** A tab that trains until it is told to end; it ends when it is asked, unless it is deaf. */
function tab({ isDeaf = false } = {}) {
  const it = { elsewhere: false, trains: false, end: () => {} };
  const tabs = new Tabs({
    onElsewhere: (elsewhere) => {
      it.elsewhere = elsewhere;
    },
    onYield: () => !isDeaf && it.end(),
    isOwn: () => it.trains,
  });
  const train = () =>
    alone(
      () =>
        new Promise<void>((resolve) => {
          it.trains = true;
          it.end = () => {
            it.trains = false;
            resolve();
          };
        }),
    );
  return Object.assign(it, { tabs, train });
}

test('a tab knows whether another one trains, from the first look on and until that ends', async () => {
  const [a, b] = [tab(), tab()];
  await settled();
  expect([a.elsewhere, b.elsewhere]).toEqual([false, false]);
  void a.train();
  await settled();
  expect([a.elsewhere, b.elsewhere]).toEqual([false, true]);
  const late = tab();
  await settled();
  expect(late.elsewhere).toBe(true);
  a.end();
  await settled();
  expect([a.elsewhere, b.elsewhere, late.elsewhere]).toEqual([false, false, false]);
});

test('one tab at a time trains; another one waits for a moment and starts nothing', async () => {
  const [a, b] = [tab(), tab()];
  void a.train();
  await settled();
  const second = b.train();
  await vi.advanceTimersByTimeAsync(1000);
  expect([await second, b.trains]).toEqual([false, false]);
});

test('a tab takes over from the one that trains, though others look on', async () => {
  const [a, b] = [tab(), tab(), tab()];
  void a.train();
  await settled();
  expect(await b.tabs.takeOver()).toBe(true);
  void b.train();
  await settled();
  expect([a.trains, b.trains, a.elsewhere]).toEqual([false, true, true]);
});

test('a tab that does not answer is not waited for longer than ten seconds', async () => {
  const [a, b] = [tab({ isDeaf: true }), tab()];
  void a.train();
  await settled();
  const taking = b.tabs.takeOver();
  await vi.advanceTimersByTimeAsync(10_000);
  expect([await taking, a.trains]).toEqual([false, true]);
});

test('the lock that an ended worker still holds for a moment is no other tab; one that stays is', async () => {
  const [a, b] = [tab(), tab()];
  void a.train();
  await settled();
  const seen: boolean[] = [];
  // Ended: this tab trains no more, its worker is not gone yet.
  const letGo = a.end;
  a.trains = false;
  const ended = a.tabs.ended().then(() => seen.push(a.elsewhere));
  await vi.advanceTimersByTimeAsync(300);
  expect([seen, a.elsewhere]).toEqual([[], false]);
  letGo();
  await ended;
  expect(seen).toEqual([false]);

  void b.train();
  await settled();
  const late = a.tabs.ended();
  await vi.advanceTimersByTimeAsync(1000);
  await late;
  expect(a.elsewhere).toBe(true);
});

test('what fails while it trains is no matter of tabs', async () => {
  await expect(alone(() => Promise.reject(new Error('no engine')))).rejects.toThrow('no engine');
});

test('a browser without locks trains, and knows of no other tab', async () => {
  vi.stubGlobal('navigator', {});
  const a = tab();
  void a.train();
  await settled();
  expect([a.trains, a.elsewhere, await a.tabs.takeOver()]).toEqual([true, false, true]);
});
