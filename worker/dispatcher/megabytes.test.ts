import { runDurableObjectAlarm } from 'cloudflare:test';
import { expect, test, vi } from 'vitest';
import { givenSweep, Hand, WHOLE, whole } from '../../test/api/hand.ts';
import { at, inside, memoryOf, objectAt } from '../../test/api/inside.ts';
import { curveOf, env } from '../../test/api/world.ts';
import { curveReplies } from '../curves.ts';
import type { Page } from './view.ts';

// Megabytes take seconds, and many on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const RUNS = 1400;
const STEPS = 1_000_000;

async function finishAll(id: string): Promise<void> {
  const hand = new Hand(1);
  for (;;) {
    const { lease } = await hand.exchange(id, [], { ...WHOLE, continues: false });
    if (!lease) return;
    const curve = (loss: number) => curveOf({ steps: STEPS, loss });
    await hand.deliver(
      id,
      ...lease.runs.map(({ run }) => whole(lease, run, { curve: curve(run), to: STEPS })),
    );
  }
}

const large = (name: string) =>
  givenSweep(name, { train: { steps: STEPS }, parameters: { seed: { min: 0, max: RUNS - 1 } } });

test('a log of megabytes is folded into bundles and pages that hold every run', async () => {
  const { id } = await large('megabytes');
  await objectAt(id).open(at(id));
  // The alarm must wait until the log is as large as it gets.
  await inside(id, (object) => Object.assign(object, { wake: () => {} }));
  await finishAll(id);
  const before = await memoryOf(id);
  expect(before.records.map(({ run }) => run)).toEqual(Array.from({ length: RUNS }, (_, run) => run));
  await inside(id, (_, storage) => storage.setAlarm(Date.now() + 60_000));
  await runDurableObjectAlarm(objectAt(id));
  const { objects } = await env.BLOBS.list({ prefix: `bundles/${id}/` });
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
    const page = (await objectAt(id).page(at(id), { from, count: 200, curves: true })) as Page;
    for (const curve of await curveReplies(env.BLOBS, page.curves))
      expect([curve.run, curve.steps.at(-1)]).toEqual([curve['test.loss'][0], STEPS]);
    from = page.nextRun;
  }
});

test('an object whose log grows large folds before its time', async () => {
  const { id } = await large('early');
  await objectAt(id).open(at(id));
  const hand = new Hand(1);
  const lease = await hand.lease(id);
  await inside(id, ({ opened }) => Object.assign(opened.chores, { unfoldedBytes: 9 * 1024 * 1024 }));
  const [run] = lease.runs;
  await hand.deliver(id, whole(lease, run?.run ?? 0, { curve: curveOf({ steps: STEPS }), to: STEPS }));
  const alarmAtMs = await inside(id, (_, storage) => storage.getAlarm());
  expect(alarmAtMs === null || alarmAtMs <= Date.now()).toBe(true);
});
