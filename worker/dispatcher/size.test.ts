import { runDurableObjectAlarm } from 'cloudflare:test';
import { expect, test } from 'vitest';
import type { SweepReply } from '../../shared/protocol.ts';
import { inside, memoryOf } from '../../test/api/inside.ts';
import { curveOf, dispatcher, env, FAST, get, newSweep, Volunteer } from '../../test/api/world.ts';
import type { Exchange, Exchanged } from './object.ts';

const RUNS = 1400;
const STEPS = 1_000_000;

/** Straight to the object: HTTP would only add waiting. */
async function finishAll(id: string): Promise<void> {
  const { id: volunteerId, deviceId } = await Volunteer.join();
  const run = { engine: 'test', engineVersion: '1', elapsedMs: 1, weightsDigest: 'ab'.repeat(32) };
  let results: Exchange['results'] = [];
  for (;;) {
    const request = { volunteerId, deviceId, results, wants: { flopsPerSecond: FAST } };
    const { lease } = (await dispatcher(id).exchange(id, request)) as Exchanged;
    if (!lease) return;
    results = lease.runs.map((index) => ({
      ...run,
      unit: lease.unit,
      run: index,
      curve: curveOf({ steps: STEPS, loss: index }),
    }));
  }
}

test('a log of megabytes is folded into segments and pages that hold every run', async () => {
  const id = await newSweep('megabytes', {
    train: { steps: STEPS },
    parameters: { seed: { min: 0, max: RUNS - 1 } },
  });
  await dispatcher(id).open(id);
  // The alarm must wait until the log is as large as it gets.
  await inside(id, (object) => Object.assign(object, { setAlarm: () => {} }));
  await finishAll(id);
  const before = await memoryOf(id);
  expect(before.records.map(({ run }) => run)).toEqual(Array.from({ length: RUNS }, (_, run) => run));
  await inside(id, (_, storage) => storage.setAlarm(Date.now() + 60_000));
  await runDurableObjectAlarm(dispatcher(id));
  const { objects } = await env.BLOBS.list({ prefix: `segments/${id}/` });
  const bytes = RUNS * curveOf({ steps: STEPS }).length;
  expect(objects.length).toBeGreaterThan(1);
  expect(objects.reduce((sum, { size }) => sum + size, 0)).toBe(bytes);
  const pages = await inside(id, ({ tables }) => [0, 4, 5, 6].map((page) => tables.page(page).length));
  expect(pages).toEqual([256, 256, RUNS - 5 * 256, 0]);
  const after = await memoryOf(id);
  expect(after.aggregates).toEqual(before.aggregates);
  expect(after.records.map(({ place: _, ...record }) => record)).toEqual(
    before.records.map(({ place: _, ...record }) => record),
  );
  for (let from: number | null = 0; from !== null; ) {
    const { curves, nextRun }: SweepReply = await get<SweepReply>(`/api/sweeps/${id}?from=${from}`);
    for (const curve of curves)
      expect([curve.run, curve.steps.at(-1)]).toEqual([curve['test.loss'][0], STEPS]);
    from = nextRun;
  }
});

test('an object whose log grows large folds before its time', async () => {
  const id = await newSweep('early', { train: { steps: STEPS } });
  await dispatcher(id).open(id);
  await inside(id, (object) => Object.assign(object, { unfoldedBytes: 4 * 1024 * 1024 }));
  await finishAll(id);
  const at = await inside(id, (_, storage) => storage.getAlarm());
  expect(at === null || at <= Date.now()).toBe(true);
});
