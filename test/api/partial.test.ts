// What readers see of runs that were begun and are not finished, and of those that were given up.

import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../shared/limits.ts';
import type { RunReply, SweepReply } from '../../shared/protocol.ts';
import { type Given, givenSweep, Hand, SLOW, segment, WHOLE } from './hand.ts';
import { at, objectAt } from './inside.ts';
import { env, get } from './world.ts';

let given: Given;
let number = 0;
const hand = new Hand('a'.repeat(32));
const page = () => get<SweepReply>(`/api/sweeps/${given.id}`);
const run = (index: number) => get<RunReply>(`/api/sweeps/${given.id}/runs/${index}`);

beforeEach(async () => {
  given = await givenSweep(`partial-${number++}`);
});

/** Run 0 up to step 10, in nobody's hands. */
async function begun(): Promise<void> {
  const lease = await hand.lease(given.id, SLOW);
  await hand.deliver(given.id, await segment(given, lease, { run: 0, from: 0, to: 10 }));
  await hand.handBack(given.id, lease.unit, 'left');
}

describe('a run that was handed over and waits', () => {
  beforeEach(begun);

  test('shows its curve as far as it was accepted, and counts nowhere', async () => {
    const { runs, live, curves, cells } = await page();
    expect(runs[0]).toMatchObject({ state: 'waiting', step: 10, segments: 1 });
    expect(live.map(({ run: index, steps }) => [index, steps.at(-1)])).toEqual([[0, 10]]);
    expect([curves, cells[0]?.aggregate.n]).toEqual([[], 0]);
    const { partial, curve, reasons } = await run(0);
    expect([partial, curve, reasons]).toEqual([live[0], null, []]);
    expect((await run(1)).partial).toBeNull();
  });

  test('is shown without one where its state is gone', async () => {
    const { objects } = await env.BLOBS.list({ prefix: 'states/' });
    await env.BLOBS.delete(objects.map(({ key }) => key));
    expect((await page()).live).toEqual([]);
    expect(await run(0)).toMatchObject({ partial: null, run: { state: 'waiting', step: 10 } });
  });
});

test('runs that were given up show every reason with the number of volunteers, and what was accepted of them', async () => {
  await begun();
  for (let i = 1; i <= LIMITS.attemptsPerUnitMax; i++) {
    const other = new Hand(i, i);
    const { unit } = await other.lease(given.id, WHOLE);
    const words = {
      why: 'fault',
      run: null,
      reason: i % 4 === 0 ? 'the device was lost' : 'no memory',
    } as const;
    await objectAt(given.id).handBack(at(given.id), other.device, unit, words);
  }
  const { sweep, runs, live } = await page();
  const [unit] = sweep.failed;
  expect(unit?.runs).toContain(0);
  expect(unit?.reasons).toEqual(
    expect.arrayContaining([
      { reason: 'no memory', volunteers: 6 },
      { reason: 'the device was lost', volunteers: 2 },
    ]),
  );
  expect(runs[0]).toMatchObject({ state: 'failed', step: 10 });
  expect(live.map(({ steps }) => steps.at(-1))).toEqual([10]);
  expect((await run(0)).reasons).toEqual(unit?.reasons);
});
