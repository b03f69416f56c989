import fc from 'fast-check';
import { expect, test } from 'vitest';
import { C, TINY } from '../../../test/configurations.ts';
import { anyProgramme, driver, follow, following, wasm } from '../../../test/engine/programmes.ts';
import type { RunConfig } from '../../spec/schema.ts';
import { timelineOf } from '../../spec/timeline.ts';
import type { Training } from '../engine.ts';
import { replicaOf } from '../replica.ts';
import { decodeSnapshot } from '../snapshot.ts';
import { atStep } from './inner.ts';

const runs = (config: RunConfig, ...seeds: number[]): Training[] => seeds.map((seed) => ({ config, seed }));
const lengths = replicaOf({ config: TINY, seed: 0 }).weights.map(({ length }) => length);

test(
  'a programme cut short anywhere and taken up by others is the one that never was',
  { timeout: 120_000 },
  () =>
    fc.assert(
      fc.asyncProperty(
        anyProgramme,
        fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 4 }),
        async (config, places) => {
          const { lastStep } = timelineOf(config);
          const cuts = [...new Set(places.map((place) => Math.floor(place * (lastStep + 1))))].sort(
            (a, b) => a - b,
          );
          const trainings = runs(config, 1, 2);
          const whole = await follow(trainings);
          expect(await follow(trainings, { cuts: cuts.filter((cut) => cut < lastStep) })).toEqual(whole);
        },
      ),
      { numRuns: 40 },
    ),
);

test('runs in step with others are what each is alone', { timeout: 120_000 }, () =>
  fc.assert(
    fc.asyncProperty(anyProgramme, async (config) => {
      const together = await follow(runs(config, 3, 4, 5));
      for (const [r, seed] of [3, 4, 5].entries())
        expect((await follow(runs(config, seed)))[0]).toEqual(together[r]);
    }),
    { numRuns: 20 },
  ),
);

test('a run without a programme is left to the engine, whatever is put around it', async () => {
  const prepare = (engine: typeof wasm) => engine.prepare(runs(TINY, 1, 2));
  const [plain, wrapped] = [await prepare(wasm), await prepare(driver)];
  expect(wrapped.constructor).toBe(plain.constructor);
  const named = following([{ kind: 'train', steps: TINY.train.steps }]);
  const [direct] = await follow(runs(TINY, 1), { engine: wasm });
  const [driven] = await follow(runs(named, 1));
  expect(driven?.evaluations).toEqual(direct?.evaluations);
  expect(driven?.weights).toEqual(direct?.weights);
});

test('what is pruned stays 0 through training, snapshots and measures', async () => {
  const phases = [
    { kind: 'train', steps: 30 },
    { kind: 'prune', fraction: 0.6 },
    { kind: 'snapshot', name: 'begin' },
    { kind: 'train', steps: 30 },
    { kind: 'snapshot', name: 'late' },
  ];
  const [run] = await follow(runs(following(phases), 7));
  const [begin, late] = (run?.snapshots ?? []).map((bytes) => decodeSnapshot(bytes as Uint8Array, lengths));
  expect(late?.masks).toEqual(begin?.masks);
  expect(begin?.masks.map((mask) => mask?.filter((bit) => bit === 0).length)).toEqual(
    lengths.map((length) => length - Math.round(0.4 * length)),
  );
  expect(late?.weights).not.toEqual(begin?.weights);
  expect(run?.weights).toEqual(late?.weights);
  late?.masks.forEach((mask, p) => {
    const values = late.weights[p] as Float32Array;
    expect(values.every((w, i) => (mask?.[i] ? w !== 0 : w === 0))).toBe(true);
  });
});

test('the masks of a run can be looked at while it is trained, pruned once or by scores', async () => {
  const share = (mask: Uint8Array | null) => mask && mask.reduce((kept, bit) => kept + bit, 0) / mask.length;
  const pruned = [
    { kind: 'train', steps: 5 },
    { kind: 'prune', fraction: 0.6 },
    { kind: 'train', steps: 5 },
  ];
  const session = await driver.prepare(runs(following(pruned), 7));
  await session.advance(5, []);
  expect(await session.masks?.(0)).toEqual(lengths.map(() => null));
  await session.advance(7, []);
  const masks = (await session.masks?.(0)) ?? [];
  for (const mask of masks) expect(share(mask)).toBeCloseTo(0.4, 1);
  // They are copies.
  masks[0]?.fill(0);
  expect(share((await session.masks?.(0))?.[0] ?? null)).toBeCloseTo(0.4, 1);

  const popup = await driver.prepare(runs(following([{ kind: 'edge-popup', steps: 9, fraction: 0.5 }]), 7));
  await popup.advance(3, []);
  for (const mask of (await popup.masks?.(0)) ?? []) expect(share(mask)).toBeCloseTo(0.5, 1);
});

test('a ticket rewound to its beginning has the initial weights where its mask leaves them', async () => {
  const phases = [
    { kind: 'train', steps: 30 },
    { kind: 'prune', fraction: 0.5 },
    { kind: 'rewind' },
    { kind: 'snapshot', name: 'late' },
  ];
  const [run] = await follow(runs(following(phases), 7));
  const { weights, masks } = decodeSnapshot(run?.snapshots[1] as Uint8Array, lengths);
  const initial = replicaOf({ config: TINY, seed: 7, masks }).weights;
  expect(weights).toEqual(initial);
});

test('a run is rewound to the weights of any step of its first part, on the grid or not', async () => {
  const config = following([
    { kind: 'train', steps: 40 },
    { kind: 'prune', fraction: 0.5 },
    { kind: 'rewind', to: 23 },
    { kind: 'unmask' },
  ]);
  const session = await wasm.prepare(runs(TINY, 2));
  await session.advance(23, []);
  expect((await follow(runs(config, 2)))[0]?.weights).toEqual(await session.weights(0));
});

test('after a part that has stopped the optimiser goes on as old as the part is long', async () => {
  const stop = { when: 'memorised', sustained: 1, giveUpAt: 5 };
  const config = following([
    { kind: 'train', steps: 30, stop },
    { kind: 'train', steps: 10 },
  ]);
  const [run] = await follow(runs(config, 2));
  const session = await wasm.prepare(runs(TINY, 2));
  await session.advance(5, []);
  expect(run?.log.stops).toEqual([5, null]);
  const held = run?.evaluations.slice(5, timelineOf(config).steps.indexOf(30) + 1);
  expect(new Set(held?.map((one) => JSON.stringify(one))).size).toBe(1);
  await session.restore([atStep(await session.save(0), 30)]);
  await session.advance(40, []);
  expect(run?.weights).toEqual(await session.weights(0));
});

test('a mean over the last gradients starts anew after a part that may have stopped early', async () => {
  const stop = { when: 'memorised', sustained: 1, giveUpAt: 2 };
  const window = {
    ...TINY,
    optimizer: { ...TINY.optimizer, grokfast: { kind: 'ma', window: 4, strength: 2 } },
  };
  const phases = [
    { kind: 'train', steps: 9, stop },
    { kind: 'snapshot', name: 'late' },
    { kind: 'train', steps: 6 },
  ];
  const [run] = await follow(runs(following(phases, window as RunConfig), 2));
  const { weights } = decodeSnapshot(run?.snapshots[1] as Uint8Array, lengths);
  const afresh = await wasm.prepare([{ config: window as RunConfig, seed: 2, weights }]);
  await afresh.advance(6, []);
  expect(run?.log.stops).toEqual([2, null]);
  expect(run?.weights).toEqual(await afresh.weights(0));
});

test('phases that name the same snapshot of different runs get each its own', async () => {
  const grown = following([
    { kind: 'train', steps: 5 },
    { kind: 'snapshot', name: 'late' },
  ]);
  const parents = await follow(runs(grown, 3, 4));
  const [first, second] = parents.map(({ snapshots }) => snapshots[1] as Uint8Array);
  const load = (seed: number) => ({ kind: 'load', snapshot: 'late', from: { cell: {}, seed } });
  const child = following([
    ...[load(3), { kind: 'snapshot', name: 'begin' }, load(4), { kind: 'snapshot', name: 'late' }],
    { kind: 'train', steps: 1 },
  ]);
  const brought = new Map([
    [2, second as Uint8Array],
    [0, first as Uint8Array],
  ]);
  const [run] = await follow([{ config: child, seed: 9, parents: brought }]);
  expect(run?.snapshots).toEqual([first, second]);
});

test('what takes weights from another run to prune by them goes back to its own initial weights', async () => {
  const grown = following([
    { kind: 'train', steps: 20 },
    { kind: 'snapshot', name: 'late' },
  ]);
  const [parent] = await follow([{ config: grown, seed: 9 }]);
  const parents = new Map([[0, parent?.snapshots[1] as Uint8Array]]);
  const load = { kind: 'load', snapshot: 'late', from: { cell: {} } };
  const [run] = await follow([
    {
      config: following([
        load,
        { kind: 'prune', fraction: 0.5 },
        { kind: 'rewind' },
        { kind: 'snapshot', name: 'begin' },
        { kind: 'train', steps: 5 },
      ]),
      seed: 9,
      parents,
    },
  ]);
  const { masks, weights } = decodeSnapshot(run?.snapshots[0] as Uint8Array, lengths);
  expect(masks.some((mask) => mask?.includes(0))).toBe(true);
  expect(weights).toEqual(replicaOf({ config: TINY, seed: 9, masks }).weights);
});

test('a mask from another run is laid over a run’s own initial weights', async () => {
  const [parent] = await follow(
    runs(
      following([
        { kind: 'train', steps: 20 },
        { kind: 'prune', fraction: 0.5 },
        { kind: 'snapshot', name: 'late' },
      ]),
      1,
    ),
  );
  const bytes = parent?.snapshots[1] as Uint8Array;
  const child = following([
    { kind: 'load', snapshot: 'late', what: 'mask', from: { cell: {} } },
    { kind: 'snapshot', name: 'begin' },
    { kind: 'train', steps: 5 },
  ]);
  const parents = new Map([[0, bytes]]);
  const [run] = await follow([{ config: child, seed: 9, parents }]);
  const { masks } = decodeSnapshot(bytes, lengths);
  const taken = decodeSnapshot(run?.snapshots[0] as Uint8Array, lengths);
  expect(taken).toEqual({ masks, weights: replicaOf({ config: TINY, seed: 9, masks }).weights });
  await expect(driver.prepare([{ config: child, seed: 9 }])).rejects.toThrow(
    'late of another run was not brought',
  );
  const broken = bytes.slice();
  broken[90] = 1 - (broken[90] as number);
  const damaged = new Map([[0, broken]]);
  await expect(driver.prepare([{ config: child, seed: 9, parents: damaged }])).rejects.toThrow('damaged');
});

test('the smallest demo network has tickets that memorise and generalise', { timeout: 60_000 }, async () => {
  const config = following(
    [
      { kind: 'train', steps: 1500, stop: { when: 'generalised' } },
      { kind: 'prune', fraction: 0.3 },
      { kind: 'rewind' },
      { kind: 'train', steps: 1500, stop: { when: 'generalised' } },
    ],
    C,
  );
  for (const { log, evaluations } of await follow(runs(config, 0, 1))) {
    expect(log.stops[0]).toBeGreaterThan(300);
    expect(log.stops[1]).toBeGreaterThan(1501);
    expect(evaluations.at(-1)?.testAccuracy).toBeGreaterThan(0.95);
  }
});

test('runs of several shapes, and checkpoints of other steps or runs, are refused in words', async () => {
  const config = following([
    { kind: 'train', steps: 10 },
    { kind: 'train', steps: 10 },
  ]);
  const other = following([{ kind: 'train', steps: 12 }]);
  await expect(driver.prepare([...runs(config, 0), ...runs(other, 0)])).rejects.toThrow('runs of 2 shapes');
  const session = await driver.prepare(runs(config, 0, 1));
  const early = await session.save(0);
  await session.advance(7, []);
  const late = await session.save(1);
  await expect(session.restore([early, late])).rejects.toThrow('different steps');
  await expect(session.restore([late])).rejects.toThrow('1 checkpoints for 2 replicas');
  await expect(session.save(2)).rejects.toThrow('there is no replica 2');
  const elsewhere = await driver.prepare(runs(other, 0));
  await expect(elsewhere.restore([late])).rejects.toThrow('the run has 1 parts, the checkpoint 2');
  expect(session.stepsDone).toBe(7);
});

test('a run that is taken up again is not pruned by scores anew', { timeout: 60_000 }, async () => {
  const config = following([
    { kind: 'prune', by: 'synflow', fraction: 0.5, rounds: 1000 },
    { kind: 'train', steps: 5 },
    { kind: 'snapshot', name: 'late' },
  ]);
  const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
    const begun = performance.now();
    return [await work(), performance.now() - begun];
  };
  const fresh = await driver.prepare(runs(config, 3));
  expect(fresh.snapshot?.(0, 'late')).toBeNull();
  const [, long] = await timed(() => fresh.advance(3, []));
  const saved = await fresh.save(0);
  const [session, short] = await timed(async () => {
    const one = await driver.prepare(runs(config, 3));
    await one.restore([saved]);
    return one;
  });
  expect(short).toBeLessThan(long / 4);
  const { lastStep } = timelineOf(config);
  for (const one of [fresh, session]) await one.advance(lastStep, []);
  expect(await session.save(0)).toEqual(await fresh.save(0));
});
