import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Surroundings, WakeLock } from './conditions.ts';

class FakeDocument extends EventTarget {
  visibilityState: 'visible' | 'hidden' = 'visible';
  become(state: 'visible' | 'hidden') {
    this.visibilityState = state;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}
class FakeBattery extends EventTarget {
  charging = true;
  plug(charging: boolean) {
    this.charging = charging;
    this.dispatchEvent(new Event('chargingchange'));
  }
}

let page: FakeDocument;
beforeEach(() => {
  vi.useFakeTimers({ now: new Date(2026, 10, 22, 12, 0, 30) });
  page = new FakeDocument();
  vi.stubGlobal('document', page);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const settled = () => vi.advanceTimersByTimeAsync(0);

test('the clock goes on at the beginning of each minute, while it is followed', () => {
  const surroundings = new Surroundings();
  const minute = () => surroundings.conditions.value.minuteOfDay;
  surroundings.follow(true);
  expect(minute()).toBe(720);
  vi.advanceTimersByTime(30_000);
  expect(minute()).toBe(721);
  vi.advanceTimersByTime(120_000);
  expect(minute()).toBe(723);
  surroundings.follow(false);
  vi.advanceTimersByTime(600_000);
  expect(minute()).toBe(723);
});

test('a page that was asleep knows the time at once when it is seen', () => {
  const surroundings = new Surroundings();
  page.become('hidden');
  expect(surroundings.conditions.value.isHidden).toBe(true);
  vi.setSystemTime(new Date(2026, 10, 22, 20, 0));
  page.become('visible');
  expect(surroundings.conditions.value).toEqual({ minuteOfDay: 1200, isHidden: false, isOnBattery: null });
});

test('the battery is known where the browser tells, whatever the page and the clock do', async () => {
  const battery = new FakeBattery();
  vi.stubGlobal('navigator', { getBattery: async () => battery });
  const surroundings = new Surroundings();
  surroundings.follow(true);
  const isOnBattery = () => surroundings.conditions.value.isOnBattery;
  expect(isOnBattery()).toBeNull();
  await settled();
  expect(isOnBattery()).toBe(false);
  battery.plug(false);
  page.become('hidden');
  vi.advanceTimersByTime(60_000);
  expect(isOnBattery()).toBe(true);
});

test.each([{}, { getBattery: () => Promise.reject(new Error('not allowed')) }])(
  'a browser that tells nothing of its battery leaves that open',
  async (navigator) => {
    vi.stubGlobal('navigator', navigator);
    const surroundings = new Surroundings();
    await settled();
    expect(surroundings.conditions.value.isOnBattery).toBeNull();
  },
);

/** A browser that keeps the screen on until the page is hidden. */
function screen() {
  const locks: { released: boolean; release: () => Promise<void> }[] = [];
  const request = async () => {
    const lock = {
      released: false,
      release: async () => {
        lock.released = true;
      },
    };
    locks.push(lock);
    return lock;
  };
  vi.stubGlobal('navigator', { wakeLock: { request } });
  return locks;
}

test('the screen is kept on only while that is wanted and the page is seen', async () => {
  const locks = screen();
  const wakeLock = new WakeLock();
  const held = () => locks.filter(({ released }) => !released).length;
  await settled();
  expect(locks).toEqual([]);
  wakeLock.want(true);
  wakeLock.want(true);
  await settled();
  expect([locks.length, held()]).toEqual([1, 1]);
  page.become('hidden');
  await settled();
  expect(held()).toBe(0);
  page.become('visible');
  await settled();
  expect(held()).toBe(1);
  wakeLock.want(false);
  await settled();
  expect(held()).toBe(0);
});

test('a browser that lets go of the screen by itself is asked again when the page is seen', async () => {
  const locks = screen();
  new WakeLock().want(true);
  await settled();
  for (const lock of locks) lock.released = true;
  page.become('visible');
  await settled();
  expect(locks.map(({ released }) => released)).toEqual([true, false]);
});
