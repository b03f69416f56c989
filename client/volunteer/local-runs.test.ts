import { expect, test } from 'vitest';
import { CHANNELS, type Curve } from '../../shared/curve.ts';
import { encodeCheckpoint, tensorLengths } from '../../shared/engine/checkpoint.ts';
import { modelGraph } from '../../shared/models/index.ts';
import { encodeRunState, type RunState } from '../../shared/run-state.ts';
import { readSweep, runAt } from '../../shared/spec/sweep.ts';
import { taskSize } from '../../shared/tasks/index.ts';
import type { Lease, LeasedRun } from '../../shared/work.ts';
import { memoryKeeping } from '../../test/fake-keeping.ts';
import { FakeWorkServer, SWEEP } from '../../test/fake-work-server.ts';
import { Control } from './control.ts';
import { DatasetShelf } from './datasets.ts';
import { LocalRuns } from './local-runs.ts';
import { prepareWork } from './prepare.ts';

const STEPS = 400;
const server = new FakeWorkServer({ steps: STEPS });
const checked = readSweep(server.spec);
if (!checked.ok) throw new Error('the sweep of the test is wrong');
const sweep = checked.value;
const { config } = runAt(sweep, 0);

/** A state of a run after so many steps, with curves that tell each other apart by their loss. */
function stateAt(step: number, loss = 1): RunState {
  const steps = Array.from({ length: step + 1 }, (_, i) => i);
  const values = new Float32Array(steps.length).fill(loss);
  const channels = Object.fromEntries(CHANNELS.map((channel) => [channel, values])) as Curve['channels'];
  const lengths = tensorLengths(modelGraph(config.model, taskSize(config.task)), config.optimizer);
  const tensors = lengths.map((length) => new Float32Array(length).fill(step));
  const checkpoint = encodeCheckpoint({ step, tensors });
  return { step, curve: { steps, channels, divergedAt: null }, checkpoint };
}

const held = { sweepId: SWEEP, unit: 0 };
const leased = (from: number, checkpoint: string | null): LeasedRun => ({
  ...{ run: 0, from, checkpoint, end: from > 0 ? [1, 1, 1, 1] : null },
});
const savedAt = (step: number, from: number, loss = 1) => ({
  ...{ index: 0, from, start: from > 0 ? [1, 1, 1, 1] : null, engine: 'fake 1', elapsedMs: 5 },
  state: encodeRunState(stateAt(step, loss)),
});
const localRuns = () => new LocalRuns(memoryKeeping().inHand, () => {});
const [ONE, OTHER] = ['1'.repeat(64), '2'.repeat(64)];

test('a run in hand is found again only from the very state it was leased with', async () => {
  const local = localRuns();
  await local.save(held, leased(2, ONE), savedAt(6, 2));
  const found = async (run: LeasedRun) => (await local.find(held, run, config))?.state.step ?? null;
  expect(await found(leased(2, ONE))).toBe(6);
  expect(await found(leased(2, OTHER))).toBeNull();
  expect(await found(leased(0, null))).toBeNull();
  expect(await found(leased(4, ONE))).toBeNull();
  expect(await found({ ...leased(2, ONE), run: 1 })).toBeNull();
});

test('a run in hand whose curve does not begin with the one handed over is not gone on from', async () => {
  const origin = encodeRunState(stateAt(2));
  const prepared = async (loss: number) => {
    const local = localRuns();
    await local.save(held, leased(2, ONE), savedAt(6, 2, loss));
    const deliveries = { state: async () => origin } as never;
    const lease = { ...held, segmentSteps: 100, leaseMs: 1000 } as Lease;
    const shelf = { server, deliveries, kept: memoryKeeping().datasets, report: () => undefined };
    const datasets = new DatasetShelf(shelf);
    const sources = { server, deliveries, local, datasets, control: new Control() };
    const work = await prepareWork(sweep, lease, [leased(2, ONE)], sources);
    return work?.[0]?.plan.resume?.state.step ?? null;
  };
  expect([await prepared(1), await prepared(0.5)]).toEqual([6, null]);
});

test('of a unit that is no longer held nothing stays', async () => {
  const { inHand } = memoryKeeping();
  const local = new LocalRuns(inHand, () => {});
  await local.save(held, leased(0, null), savedAt(6, 0));
  await local.keepOnly(held, [leased(0, null)]);
  expect(inHand.kept.size).toBe(1);
  await local.keepOnly({ ...held, unit: 1 }, [leased(0, null)]);
  expect(inHand.kept.size).toBe(0);
});
