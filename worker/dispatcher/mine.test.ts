import { runDurableObjectAlarm } from 'cloudflare:test';
import { beforeEach, expect, test } from 'vitest';
import { type Given, givenSweep, Hand, SLOW, segment, whole } from '../../test/api/hand.ts';
import { at, objectAt } from '../../test/api/inside.ts';
import { mergeMyRuns } from './mine.ts';

let given: Given;
let id: string;
let number = 0;
beforeEach(async () => {
  given = await givenSweep(`trained-${number++}`);
  id = given.id;
});

const runsOf = ({ volunteerId }: Hand, from = 0) => objectAt(id).runsOf(at(id), volunteerId, from);

test('everybody who had a part in a run has it among theirs, with their own steps only', async () => {
  const [first, second] = [new Hand(1), new Hand(2)];
  const lease = await first.lease(id, SLOW);
  await first.deliver(id, await segment(given, lease, { run: 0, from: 0, to: 10 }));
  await first.handBack(id, lease.unit, 'left');
  const begun = { runs: [{ run: 0, segments: [{ from: 0, to: 10 }], isFinished: false }], nextRun: null };
  expect(await runsOf(first)).toEqual(begun);
  expect(await runsOf(second)).toEqual({ runs: [], nextRun: null });

  await second.lease(id, SLOW);
  await second.deliver(id, await segment(given, lease, { run: 0, from: 10, to: 20 }));
  await second.handBack(id, lease.unit, 'left');
  await first.lease(id, SLOW);
  await first.deliver(id, whole(lease, 0, { from: 20 }));
  for (const _ of ['in the log', 'folded']) {
    const parts = [
      { from: 0, to: 10 },
      { from: 20, to: 40 },
    ];
    expect(await runsOf(first)).toMatchObject({ runs: [{ segments: parts, isFinished: true }] });
    const theirs = [{ from: 10, to: 20 }];
    expect(await runsOf(second)).toMatchObject({ runs: [{ segments: theirs, isFinished: true }] });
    await runDurableObjectAlarm(objectAt(id));
  }
});

test('a run that began anew was trained from its beginning by who finished it', async () => {
  const [first, second, third] = [new Hand(1), new Hand(2), new Hand(3)];
  const lease = await first.lease(id, SLOW);
  await first.deliver(id, await segment(given, lease, { run: 0, from: 0, to: 10 }));
  await first.handBack(id, lease.unit, 'left');
  for (const doubter of [second, third]) {
    await doubter.lease(id, SLOW);
    await doubter.handBack(id, lease.unit, 'disputed', 0);
  }
  const last = new Hand(4);
  await last.lease(id, SLOW);
  await last.deliver(id, whole(lease, 0));
  await runDurableObjectAlarm(objectAt(id));
  expect(await runsOf(last)).toMatchObject({ runs: [{ segments: [{ from: 0, to: 40 }], isFinished: true }] });
  expect(await runsOf(first)).toMatchObject({
    runs: [{ segments: [{ from: 0, to: 10 }], isFinished: true }],
  });
});

test('pages of many runs hold each run once and leave out none', async () => {
  given = await givenSweep('trained-many', {
    parameters: { seed: { min: 0, max: 1299 } },
  });
  id = given.id;
  const hand = new Hand(1);
  const other = new Hand(2);
  const lease = await other.lease(id, SLOW);
  await other.deliver(id, whole(lease, 0));
  await hand.finish(id);
  await runDurableObjectAlarm(objectAt(id));
  const first = await runsOf(hand);
  expect([first?.runs.length, first?.runs[0]?.run, first?.nextRun]).toEqual([1000, 1, 1001]);
  const rest = await runsOf(hand, 1001);
  expect([rest?.runs.length, rest?.runs.at(-1)?.run, rest?.nextRun]).toEqual([299, 1299, null]);
});

test('stripes that have said less than others end the page where they end', () => {
  const run = (index: number) => ({ run: index, segments: [{ from: 0, to: 1 }], isFinished: true });
  const parts = [
    { runs: [0, 2, 4].map(run), nextRun: null },
    { runs: [1, 3].map(run), nextRun: 3.5 },
  ];
  expect(mergeMyRuns(parts)).toEqual({ runs: [0, 1, 2, 3].map(run), nextRun: 3.5 });
  const many = { runs: Array.from({ length: 1001 }, (_, i) => run(i)), nextRun: null };
  expect(mergeMyRuns([many])).toMatchObject({ runs: { length: 1000 }, nextRun: 1000 });
});
