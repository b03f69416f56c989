import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromBase64, hex } from '../../shared/bytes.ts';
import { decodeCurve } from '../../shared/curve.ts';
import type { Engine, Training } from '../../shared/engine/engine.ts';
import { withProgrammes } from '../../shared/engine/programme/engine.ts';
import { encodeSnapshot } from '../../shared/engine/snapshot.ts';
import { wasmEngine } from '../../shared/engine/wasm/engine.ts';
import { modelGraph } from '../../shared/models/index.ts';
import { sha256 } from '../../shared/sha256.ts';
import { readSweep, runAt } from '../../shared/spec/sweep.ts';
import { plainTimeline } from '../../shared/spec/timeline.ts';
import { taskSize } from '../../shared/tasks/index.ts';
import { fakeEngine } from '../../test/fake-engine.ts';
import { memoryKeeping } from '../../test/fake-keeping.ts';
import { FakeWorkServer } from '../../test/fake-work-server.ts';
import type { FromWorker } from '../engine/messages.ts';
import { Control } from './control.ts';
import { DatasetShelf } from './datasets.ts';
import { Deliveries } from './deliveries.ts';
import { LocalRuns } from './local-runs.ts';
import { Stamina } from './pace.ts';
import { volunteer } from './volunteer.ts';

const train = { kind: 'train', steps: 4 };
const from = { cell: { programme: 'parent' } };
/** Runs 0 and 2 are parents of 1 and 3. */
const spec = {
  programme: 'parent',
  programmes: {
    parent: [train, { kind: 'snapshot', name: 'end' }],
    child: [{ kind: 'load', snapshot: 'end', what: 'mask', from }, train],
  },
  parameters: { programme: { values: ['parent', 'child'] }, seed: { values: [0, 1] } },
};
const family = () => new FakeWorkServer({ spec, steps: 4, runs: 4, runsPerUnit: 1 });

/** What a parent of this seed leaves. */
function snapshotOf(seed: number): Uint8Array<ArrayBuffer> {
  const read = readSweep(family().spec);
  if (!read.ok) throw new Error('no spec');
  const { model, task } = runAt(read.value, 0).config;
  const lengths = modelGraph(model, taskSize(task)).parameters.map(
    ({ shape: [rows, columns] }) => rows * columns,
  );
  const weights = lengths.map((length) => new Float32Array(length).fill(seed + 1));
  return encodeSnapshot({ weights, masks: lengths.map(() => null) });
}

async function visit(server: FakeWorkServer, keeping = memoryKeeping(), real: Engine | null = null) {
  const told: string[] = [];
  const trained: Training[] = [];
  const control = new Control();
  const report = (message: FromWorker) => {
    if ('words' in message) told.push(message.words);
  };
  const deliveries = new Deliveries({ server, keeping, owner: 'me', report });
  await deliveries.open();
  const engine =
    real ?? fakeEngine({ onPrepare: (trainings) => trained.push(...trainings), snapshot: snapshotOf });
  const handBack = server.handBack.bind(server);
  server.handBack = async (held, why) => {
    await handBack(held, why);
    control.stop();
  };
  await volunteer({
    ...{ server, deliveries, report, control, untilDone: true, flopsPerSecond: 1e9 },
    datasets: new DatasetShelf({ server, deliveries, kept: keeping.datasets, report }),
    local: new LocalRuns(keeping.inHand, () => undefined),
    chosen: () => ({ engine, replicas: 1 }),
    suit: async () => undefined,
    stamina: new Stamina(),
  });
  return { told, trained, keeping };
}

test('a parent stores what it leaves to others before it is delivered, and its child gets that from the server', async () => {
  const server = family();
  const { trained, keeping } = await visit(server);
  expect(server.accepted.size).toBe(4);
  const digests = [0, 1].map((seed) => hex(sha256(snapshotOf(seed))));
  expect([0, 1, 2, 3].map((run) => server.accepted.get(run)?.snapshots)).toEqual([
    { end: digests[0] },
    undefined,
    { end: digests[1] },
    undefined,
  ]);
  const parents = trained.map((one) => [...(one.parents ?? [])]);
  expect(parents).toEqual([[], [[0, snapshotOf(0)]], [], [[0, snapshotOf(1)]]]);
  expect(keeping.segments.kept.size).toBe(0);
});

test('a child on another device fetches what it needs from the server, once for all that need it', async () => {
  const server = family();
  const bytes = snapshotOf(0);
  const digest = hex(sha256(bytes));
  server.snapshots.set(digest, bytes);
  server.segments.set(0, [{ to: 4, snapshots: { end: digest } } as never]);
  const { trained } = await visit(server);
  expect(server.accepted.size).toBe(4);
  expect(server.calls.filter((call) => call === 'get')).toHaveLength(1);
  expect(trained[0]?.parents?.get(0)).toEqual(bytes);
});

test('a snapshot that the server lost on the way is stored again', async () => {
  const server = family();
  let isLost = false;
  server.after = (call) => {
    if (call === 'put' && !isLost) {
      isLost = true;
      server.snapshots.clear();
    }
    return null;
  };
  await visit(server);
  expect([isLost, server.accepted.size]).toEqual([true, 4]);
});

test.each<[string, (bytes: Uint8Array<ArrayBuffer>) => [string, Uint8Array<ArrayBuffer>] | null, RegExp]>([
  ['is not there', () => null, /is not there, or only damaged/],
  ['is damaged', (bytes) => [hex(sha256(bytes)), bytes.with(20, 7)], /is not there, or only damaged/],
  [
    'is of another network',
    () => {
      const other = encodeSnapshot({ weights: [Float32Array.of(1)], masks: [null] });
      return [hex(sha256(other)), other];
    },
    /cannot be used: a snapshot of another network/,
  ],
])('a unit whose snapshot %s is handed back, and no engine is blamed', async (_, harm, words) => {
  const server = family();
  const bytes = snapshotOf(0);
  const given = harm(bytes);
  const end = given?.[0] ?? hex(sha256(bytes));
  if (given) server.snapshots.set(...given);
  server.segments.set(0, [{ to: 4, snapshots: { end } } as never]);
  const { told, trained } = await visit(server);
  expect(trained).toEqual([]);
  expect(told.join('\n')).toMatch(words);
  expect(server.handedBack).toMatchObject([{ why: 'fault', unit: 1 }]);
});

test('on a real engine a child begins with the very weights that its parent ended with', async () => {
  const kernels = readFileSync(new URL('../../shared/engine/wasm/kernels.wasm', import.meta.url));
  const engine = withProgrammes(wasmEngine(new WebAssembly.Module(kernels)));
  const child = [{ kind: 'load', snapshot: 'end', from }, train];
  const server = new FakeWorkServer({
    spec: { ...spec, programmes: { ...spec.programmes, child } },
    ...{ steps: 4, runs: 4, runsPerUnit: 1 },
  });
  await visit(server, memoryKeeping(), engine);
  const curves = [0, 1, 2, 3].map((run) => {
    const read = decodeCurve(
      fromBase64(server.accepted.get(run)?.curve ?? '') ?? new Uint8Array(),
      plainTimeline(4),
    );
    if (!read.ok) throw new Error(read.wrong);
    return read.curve.channels['train.loss'];
  });
  const [parent, own, another] = curves;
  expect(own?.[0]).toBe(parent?.at(-1));
  expect(own?.at(-1)).not.toBe(parent?.at(-1));
  expect(another?.[0]).not.toBe(parent?.[0]);
});
