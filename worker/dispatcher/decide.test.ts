import { beforeEach, expect, test } from 'vitest';
import { encodeCurve } from '../../shared/curve.ts';
import { dayOf } from '../../shared/days.ts';
import { evaluationSteps } from '../../shared/spec/evaluation-grid.ts';
import { type Given, givenSweep, Hand, type Result, SLOW, segment, whole } from '../../test/api/hand.ts';
import { at, inside, memoryOf, objectAt } from '../../test/api/inside.ts';
import { curveOf } from '../../test/api/world.ts';

let given: Given;
let id: string;
let number = 0;
const hand = new Hand(1);

beforeEach(async () => {
  given = await givenSweep(`judged-${number++}`);
  id = given.id;
});

const verdict = async (...results: Result[]) => {
  const verdicts = await hand.deliver(id, ...results);
  return verdicts.map((one) => one.code ?? one.verdict);
};

test('a result is counted once, however often it comes', async () => {
  const lease = await hand.lease(id);
  const result = whole(lease, 0);
  expect(await verdict(result, result)).toEqual(['accepted', 'accepted']);
  expect(await verdict(result)).toEqual(['accepted']);
  const other = whole(lease, 0, { curve: curveOf({ loss: 2 }) });
  expect(await verdict(other)).toEqual(['unneeded']);
  expect((await memoryOf(id)).ledger.contributions.get(hand.volunteerId)?.runs).toBe(1);
});

test.each<[string, Partial<Result>]>([
  ['goes backwards', { from: 5, to: 5 }],
  ['goes beyond the last step', { to: 41 }],
  ['has no curve', { curve: new Uint8Array() }],
  ['has the curve of a longer run', { curve: curveOf({ steps: 50 }) }],
])('a result that %s is refused, and its device gives the unit back', async (_, wrong) => {
  const lease = await hand.lease(id);
  expect(await verdict({ ...whole(lease, 0), ...wrong })).toEqual(['bad-result']);
  const [attempt] = (await memoryOf(id)).ledger.open.get(0)?.attempts ?? [];
  expect(attempt).toMatchObject({ verdict: 'expired', faults: 1 });
});

test('a unit that is not the device’s, a run that is not the unit’s', async () => {
  const lease = await hand.lease(id, SLOW);
  expect(await verdict(whole({ unit: 9 }, 0))).toEqual(['no-such-lease']);
  expect(await verdict(whole(lease, 5), whole(lease, 4000))).toEqual(['run-not-in-unit', 'run-not-in-unit']);
});

test('a segment goes on exactly where the run stands', async () => {
  const lease = await hand.lease(id, SLOW);
  const first = await segment(given, lease, { run: 0, from: 0, to: 10 });
  expect(await verdict(first, first)).toEqual(['accepted', 'accepted']);
  const gap = await segment(given, lease, { run: 0, from: 12, to: 15 });
  const again = await segment(given, lease, { run: 0, from: 0, to: 12 });
  expect(await verdict(gap, again)).toEqual(['unneeded', 'unneeded']);
  expect(await verdict(whole(lease, 0, { from: 10 }))).toEqual(['accepted']);
});

test.each<[string, (result: Result) => Partial<Result>]>([
  [
    'another curve up to where it began',
    ({ curve }) => ({ curve: curve.map((byte, i) => byte ^ +(i === 20)) }),
  ],
  ['a first point that is not the last one', () => ({ start: [2, 1, 1, 1] })],
  ['no first point', () => ({ start: null })],
])('a segment with %s is refused', async (_, wrong) => {
  const lease = await hand.lease(id, SLOW);
  await hand.deliver(id, await segment(given, lease, { run: 0, from: 0, to: 10 }));
  const next = whole(lease, 0, { from: 10 });
  expect(await verdict({ ...next, ...wrong(next) })).toEqual(['bad-result']);
  expect((await memoryOf(id)).ledger.doneRuns).toBe(0);
});

test('credit of the segments of a run adds up to that of the run, in all and by the day', async () => {
  // Large enough that every segment is worth something.
  const worth = { task: { p: 47, trainFraction: 0.6 }, model: { embedding: 64, hidden: 512 } };
  const large = await givenSweep(`worth-${number++}`, worth);
  const contributed = async () =>
    (await memoryOf(large.id)).ledger.contributions.get(hand.volunteerId) ?? { runs: 0, credit: 0 };
  const today = dayOf(Date.now());
  const lease = await hand.lease(large.id, SLOW);
  for (const from of [0, 7, 14, 21, 28]) {
    const { credit } = await contributed();
    await hand.deliver(large.id, await segment(large, lease, { run: 0, from, to: from + 7 }));
    const after = await contributed();
    expect(after).toEqual({ runs: 0, credit: after.credit, days: [[today, 0, after.credit]] });
    expect(after.credit).toBeGreaterThan(credit);
  }
  await hand.deliver(large.id, whole(lease, 0, { from: 35 }));
  const cost = await inside(large.id, ({ opened }) => opened.desk.state.sized(0).cost.credit);
  expect(await contributed()).toEqual({ runs: 1, credit: cost, days: [[today, 1, cost]] });
});

test('a run that diverged is a result', async () => {
  const lease = await hand.lease(id, SLOW);
  const grid = evaluationSteps(40).filter((step) => step < 5);
  const flat = new Float32Array(grid.length).fill(0.5);
  const channels = {
    'train.loss': flat,
    'train.accuracy': flat,
    'test.loss': flat,
    'test.accuracy': flat,
  };
  const curve = encodeCurve({ steps: grid, channels, divergedAt: 5 });
  expect(await verdict(whole(lease, 0, { curve }))).toEqual(['accepted']);
  expect((await objectAt(id).audit(at(id)))?.problems).toEqual([]);
  expect((await memoryOf(id)).aggregates[0]).toMatchObject({ n: 1, diverged: 1 });
});
