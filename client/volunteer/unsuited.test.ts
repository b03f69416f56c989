// Work that the engine in use does not train, or that no engine of the device does.

import { expect, test, vi } from 'vitest';
import type { Engine } from '../../shared/engine/engine.ts';
import { RELEASE } from '../../shared/protocol.ts';
import { type FakeOptions, fakeEngine } from '../../test/fake-engine.ts';
import { memoryKeeping } from '../../test/fake-keeping.ts';
import { FakeWorkServer } from '../../test/fake-work-server.ts';
import type { EngineChoice, FromWorker } from '../engine/messages.ts';
import { NoEngine } from '../engine/others.ts';
import { Selection } from '../engine/selection.ts';
import { Control } from './control.ts';
import { DatasetShelf } from './datasets.ts';
import { Deliveries } from './deliveries.ts';
import { volunteerThroughFailures } from './engines.ts';
import { LocalRuns } from './local-runs.ts';
import { Stamina } from './pace.ts';
import { volunteer } from './volunteer.ts';

function desk(server: FakeWorkServer) {
  const reports: FromWorker[] = [];
  const report = (message: FromWorker) => void reports.push(message);
  const keeping = memoryKeeping();
  const local = new LocalRuns(keeping.inHand, () => {});
  const deliveries = new Deliveries({ server, keeping, owner: 'me', report });
  const words = () => reports.flatMap((one) => (one.type === 'problem' ? [one.words] : []));
  const datasets = new DatasetShelf({ server, deliveries, kept: keeping.datasets, report });
  return { reports, words, office: { server, deliveries, local, datasets, report } };
}

test('work that no engine trains is handed back with the reason, and the device rests longer each time', async () => {
  const server = new FakeWorkServer({ runs: 3 });
  const { office, words, reports } = desk(server);
  const control = new Control();
  const rests: number[] = [];
  const told: FromWorker[] = [];
  vi.spyOn(control, 'sleep').mockImplementation(async (ms) => {
    rests.push(ms);
    told.push(...reports.slice(-2));
  });
  let declined = 0;
  const suit = async () => {
    if (declined++ < 9) throw new NoEngine('webgpu has no dropout');
  };
  const rest = { stamina: new Stamina(), flopsPerSecond: 1e9, untilDone: true };
  const chosen = () => ({ engine: fakeEngine(), replicas: 2 });
  await volunteer({ ...office, ...rest, chosen, suit, control });
  const reason = 'no engine of this device trains "A test": webgpu has no dropout';
  expect(server.handedBack).toEqual(
    Array(9).fill({ sweepId: expect.any(String), unit: 0, why: 'fault', run: null, reason }),
  );
  expect(rests.slice(0, 9)).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300].map((s) => 1000 * s));
  expect(words()[0]).toBe(
    'No engine of this device trains "A test": webgpu has no dropout. It is handed back',
  );
  // Asking again, the device names what it declined, so that it is not sent the same way.
  const named = server.requests.slice(0, 10).map(({ holds }) => holds?.unit ?? null);
  expect(named).toEqual([null, ...Array(9).fill(0)]);
  // The problem is said last: a phase of waiting would end it.
  expect(told.slice(0, 2)).toEqual([
    { type: 'phase', phase: 'waiting', words: 'Resting a little before asking for other work' },
    { type: 'problem', words: words()[0], fatal: false, code: null, kind: 'unsuited' },
  ]);
  // In the end there was one.
  expect([...server.accepted.keys()].sort()).toEqual([0, 1, 2]);
});

/** Engines of which the first was found to be the fastest, and refuses everything. */
async function selection(report: (message: FromWorker) => void, other: FakeOptions) {
  const narrow: Engine = { ...fakeEngine({ name: 'webgpu' }), refuses: () => 'it has no dropout' };
  const wide = fakeEngine({ name: 'tfjs-cpu', ...other });
  const candidates = [{ name: 'webgpu', load: async () => narrow }];
  const fallbacks = [{ name: 'tfjs-cpu', replicas: [2], load: async () => wide }];
  const own = new Selection({ candidates, fallbacks, machine: 'a test', report });
  const known: EngineChoice = {
    ...{ engine: 'webgpu', version: '1', device: 'nothing', replicas: 4, msPerStep: 1 },
    ...{ flopsPerSecond: 1e9, trials: [], measuredAtMs: 0, release: RELEASE, machine: 'a test' },
  };
  await own.begin(known);
  return own;
}

test('a sweep that the fastest engine refuses is trained by another one, and its results say so', async () => {
  const server = new FakeWorkServer();
  const { office, reports } = desk(server);
  const own = await selection(office.report, {});
  const work = { ...office, untilDone: true, control: new Control() };
  await volunteerThroughFailures({ ...work, selection: own });
  expect([...server.accepted.values()].map(({ engine }) => engine)).toEqual(Array(6).fill('tfjs-cpu'));
  expect(reports.flatMap((one) => (one.type === 'note' ? [one.words] : []))).toEqual([
    'Training with the tfjs-cpu engine: webgpu has no dropout',
  ]);
  expect(reports).not.toContainEqual(expect.objectContaining({ phase: 'choosing' }));
});

test('it is the engine in use that is blamed for a failure, not the fastest', async () => {
  const server = new FakeWorkServer();
  const { office, words } = desk(server);
  const control = new Control();
  const own = await selection(office.report, {
    onStep: () => {
      throw new Error('out of memory');
    },
  });
  vi.spyOn(control, 'sleep').mockImplementation(async () => control.stop());
  await volunteerThroughFailures({ ...office, untilDone: true, control, selection: own });
  expect(words()).toEqual([
    'TensorFlow.js in plain JavaScript stopped working: out of memory. Going on with the next engine',
    'No engine of this device trains "A test": webgpu has no dropout. It is handed back',
  ]);
  expect(own.current.engine.name).toBe('webgpu');
});
