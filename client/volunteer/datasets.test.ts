import { expect, test } from 'vitest';
import { hex } from '../../shared/bytes.ts';
import type { Training } from '../../shared/engine/engine.ts';
import { sha256 } from '../../shared/sha256.ts';
import { fakeEngine } from '../../test/fake-engine.ts';
import { memoryKeeping } from '../../test/fake-keeping.ts';
import { FakeWorkServer } from '../../test/fake-work-server.ts';
import type { FromWorker } from '../engine/messages.ts';
import { ApiError } from '../http.ts';
import { Control } from './control.ts';
import { DatasetShelf } from './datasets.ts';
import { Deliveries } from './deliveries.ts';
import { LocalRuns } from './local-runs.ts';
import { Stamina } from './pace.ts';
import { volunteer } from './volunteer.ts';

/** Six images of one pixel, and what they show. */
const IMAGES = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 1, 10, 20, 30, 40, 50, 60);
const LABELS = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 6, 0, 1, 0, 1, 0, 1);
const digestOf = (bytes: Uint8Array) => hex(sha256(bytes));
const [images, labels] = [IMAGES, LABELS].map(digestOf) as [string, string];

function serverOf(task: object = {}): FakeWorkServer {
  const sizes = { width: 1, height: 1, classes: 2, trainRows: 4, testRows: 2 };
  const spec = {
    task: { kind: 'images', images, labels, ...sizes, ...task },
    model: { kind: 'mlp', hidden: [2] },
  };
  const server = new FakeWorkServer({ spec, runs: 2, runsPerUnit: 1 });
  server.datasets.set(images, IMAGES);
  server.datasets.set(labels, LABELS);
  return server;
}

/** A visit to a server: what was told and what was trained. Ends once nothing is left, or something was handed back. */
async function visit(server: FakeWorkServer, keeping = memoryKeeping()) {
  const told: string[] = [];
  const trained: Training[] = [];
  const control = new Control();
  const report = (message: FromWorker) => {
    if ('words' in message) told.push(message.words);
  };
  const deliveries = new Deliveries({ server, keeping, owner: 'me', report });
  const engine = fakeEngine({ onPrepare: (trainings) => trained.push(...trainings) });
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
  return { told, trained };
}

const fetches = (server: FakeWorkServer) => server.calls.filter((call) => call === 'get').length;

test('a volunteer fetches what runs are made from once, says so, and hands it to the engine', async () => {
  const server = serverOf();
  const { told, trained } = await visit(server);
  expect(server.accepted.size).toBe(2);
  expect(fetches(server)).toBe(2);
  expect(told).toContain(`Fetching the dataset ${images.slice(0, 12)} that this work is made from`);
  expect(told).toContain(`Fetched the dataset ${labels.slice(0, 12)}, 0.0 MB; kept by this device`);
  expect(trained.map(({ datasets }) => [datasets?.get(images), datasets?.get(labels)])).toEqual([
    [IMAGES, LABELS],
    [IMAGES, LABELS],
  ]);
});

test('what was fetched on an earlier visit is still there', async () => {
  const keeping = memoryKeeping();
  await visit(serverOf(), keeping);
  const server = serverOf();
  await visit(server, keeping);
  expect([fetches(server), server.accepted.size]).toEqual([0, 2]);
});

test('a device that keeps nothing trains all the same', async () => {
  const keeping = memoryKeeping();
  keeping.datasets.isFull = true;
  const server = serverOf();
  const { told } = await visit(server, keeping);
  expect(server.accepted.size).toBe(2);
  expect(told.join()).toContain('not kept: the storage of this device is full or switched off');
});

test.each([
  [
    'is not there',
    (server: FakeWorkServer) => server.datasets.delete(labels),
    /no dataset .*, or only a damaged one/,
  ],
  [
    'arrives damaged each time',
    (server: FakeWorkServer) => server.datasets.set(labels, LABELS.with(9, 7)),
    /no dataset .*, or only a damaged one/,
  ],
])('a dataset that %s is told plainly, and the unit is handed back', async (_, harm, words) => {
  const server = serverOf();
  harm(server);
  const { told, trained } = await visit(server);
  expect(trained).toEqual([]);
  expect(told.join('\n')).toMatch(words);
  expect(server.handedBack).toMatchObject([
    { why: 'fault', run: null, reason: expect.stringMatching(words) },
  ]);
});

test('a file that is not what the task says is told with its byte, and no engine is blamed', async () => {
  const server = serverOf({ width: 2 });
  const { told, trained } = await visit(server);
  expect(trained).toEqual([]);
  const words = 'The data of "A test" are not usable: the images';
  expect(told.find((one) => one.startsWith(words))).toMatch(
    /1 by 1 pixels \(bytes 8 to 15\); the task says 2 by 1. It is handed back$/,
  );
  expect(server.handedBack).toHaveLength(1);
});

test('a server out of reach for a moment is asked again', async () => {
  const server = serverOf();
  let failures = 1;
  server.before = (call) => (call === 'get' && failures-- > 0 ? new ApiError('gone for a moment') : null);
  await visit(server);
  expect(server.accepted.size).toBe(2);
});
