import { expect, test } from 'vitest';
import { GAP_MS, type Governor, Meter, Throttle } from './throttle.ts';

/** A clock that stands unless something takes time, and a governor that sleeps by it, each time so much too long. */
function world({ duty = 0.25, late = 0 } = {}) {
  let now = 0;
  const told: { share: number; overMs: number }[] = [];
  const sleeps: number[] = [];
  const governor: { -readonly [K in keyof Governor]: Governor[K] } & { turns: number } = {
    ...{ duty, isInterrupted: false, turns: 0 },
    async sleep(ms) {
      sleeps.push(ms);
      now += ms + late;
    },
    turn: () => governor.turns++,
  };
  const throttle = new Throttle({ governor, onBusy: (busy) => told.push(busy), nowMs: () => now });
  const pass = (ms: number) => {
    now += ms;
  };
  const compute = (ms: number) => throttle.compute(async () => pass(ms));
  return { throttle, governor, told, sleeps, pass, compute, now: () => now };
}

/** Chunks of some length for a minute or so; what was told last. */
async function minute(options: { duty?: number; late?: number }, chunkMs: (i: number) => number) {
  const it = world(options);
  for (let i = 0; it.now() < 60_000; i++) {
    await it.compute(chunkMs(i));
    await it.throttle.rest();
  }
  return it;
}

test.each([0.1, 0.25, 0.5, 0.9, 1])('of the time %f is computed, by what was measured', async (duty) => {
  for (const ms of [3, 150, 240]) {
    const { told } = await minute({ duty }, () => ms);
    expect(Math.abs((told.at(-1)?.share as number) - duty)).toBeLessThan(0.02);
    expect(told.at(-1)?.overMs).toBeCloseTo(20_000);
  }
});

test('the share holds where chunks vary, with a checkpoint now and then, and where timers are late', async () => {
  const uneven = (i: number) => (i % 40 === 0 ? 900 : 20 + 13 * (i % 17));
  const { told } = await minute({ late: 15 }, uneven);
  for (const { share } of told.slice(25)) expect(Math.abs(share - 0.25)).toBeLessThan(0.05);
});

test('it is told about once a second, and only so', async () => {
  const { told } = await minute({}, () => 150);
  expect(told.length).toBeGreaterThanOrEqual(50);
  expect(told.length).toBeLessThanOrEqual(60);
});

test('at the full share nothing is slept', async () => {
  const { sleeps, told } = await minute({ duty: 1 }, () => 150);
  expect(sleeps).toEqual([]);
  expect(told.at(-1)?.share).toBe(1);
});

test('a sleep is sliced, so that a change counts at once, and each slice is a turn', async () => {
  const { compute, throttle, governor, sleeps } = world({ duty: 0.1 });
  await compute(200);
  const slept = governor.sleep;
  governor.sleep = async (ms) => {
    await slept(ms);
    if (sleeps.length === 2) governor.duty = 1;
  };
  await throttle.rest();
  expect(sleeps).toEqual([250, 250]);
  expect(governor.turns).toBe(2);
});

test('where a single step takes long, the share comes right over several, and is told over so long', async () => {
  for (const [duty, stepMs] of [
    [0.25, 24_000],
    [0.1, 9000],
    [0.5, 70_000],
  ] as const) {
    const it = world({ duty });
    const shares: number[] = [];
    let beganMs = 0;
    for (let i = 0; i < 12; i++) {
      // What the first steps owe is learned by them.
      if (i === 3) beganMs = it.now();
      await it.compute(stepMs);
      await it.throttle.rest();
      if (i >= 7) shares.push(...it.told.splice(0).map(({ share }) => share));
      else it.told.splice(0);
    }
    expect((9 * stepMs) / (it.now() - beganMs)).toBeCloseTo(duty, 2);
    for (const share of shares) expect(Math.abs(share - duty)).toBeLessThan(0.05);
  }
});

test('whoever pauses or stops waits for no sleep, and the debt is forgiven', async () => {
  const { compute, throttle, governor, sleeps } = world();
  await compute(200);
  governor.isInterrupted = true;
  await throttle.rest();
  governor.isInterrupted = false;
  await throttle.rest();
  expect(sleeps).toEqual([]);
});

test('a wait for the server is a sleep too', async () => {
  const { compute, throttle, sleeps, pass } = world();
  await compute(100);
  pass(200);
  await throttle.rest();
  expect(sleeps).toEqual([100]);
});

test.each([9000, 60_000])(
  'a wait of %i ms for the server is no licence to compute without sleep',
  async (ms) => {
    const { compute, throttle, sleeps, pass } = world();
    pass(ms);
    await throttle.rest();
    await compute(1000);
    await throttle.rest();
    expect(sleeps.reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(2800);
  },
);

test('what is skipped counts neither way', async () => {
  const { compute, throttle, told, pass } = world({ duty: 1 });
  await compute(1500);
  pass(3_600_000);
  throttle.skip();
  await compute(1500);
  expect(told.at(-1)).toEqual({ share: 1, overMs: 3000 });
});

test('a machine that slept through a chunk owes no hours of sleep, and one that slept between two counts nothing', async () => {
  const { compute, throttle, sleeps, told, pass } = world({ duty: 0.5 });
  await compute(8 * 3_600_000);
  await throttle.rest();
  expect(sleeps.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(GAP_MS);
  pass(8 * 3_600_000);
  await compute(100);
  expect(told.at(-1)?.overMs).toBeLessThanOrEqual(20_000);
});

test('a computation that fails was busy all the same', async () => {
  const { throttle, sleeps, pass } = world();
  const failing = throttle.compute(async () => {
    pass(100);
    throw new Error('lost');
  });
  await expect(failing).rejects.toThrow('lost');
  await throttle.rest();
  expect(sleeps.reduce((sum, ms) => sum + ms, 0)).toBe(300);
});

test('a meter forgets what is older than its window', () => {
  const meter = new Meter(100);
  expect(meter.busy).toEqual({ share: 0, overMs: 0 });
  meter.add(60, true);
  meter.add(20, false);
  expect(meter.busy).toEqual({ share: 0.75, overMs: 80 });
  meter.add(70, false);
  expect(meter.busy).toEqual({ share: 0.1, overMs: 100 });
  meter.add(500, true);
  expect(meter.busy).toEqual({ share: 1, overMs: 100 });
});
