// What goes wrong is told in the language of the page, and of which kind it is, so that nobody has to guess from words.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { memoryKeeping } from '../../test/fake-keeping.ts';
import { FakeWorkServer } from '../../test/fake-work-server.ts';
import type { FromWorker, Problem } from '../engine/messages.ts';
import { ApiError } from '../http.ts';
import { KeptOutbox } from '../storage/outbox.ts';
import { speak } from '../words/index.ts';
import { Control } from './control.ts';
import { Deliveries } from './deliveries.ts';
import { throughFailures } from './engines.ts';
import { LocalRuns } from './local-runs.ts';
import type { Trouble } from './trouble.ts';

beforeEach(() => speak('de'));
afterEach(() => speak('en'));

test.each<[ApiError, Trouble | null, RegExp]>([
  [
    new ApiError('The server cannot be reached. Try again.'),
    'network',
    /^Der Server ist nicht zu erreichen\. Neuer/,
  ],
  [
    new ApiError('Too many requests.', 429, 'too-many'),
    'busy',
    /^Der Server ist beschäftigt\. Neuer Versuch in \d+ s\.$/,
  ],
  [new ApiError('It broke.', 500, 'internal'), 'serverFault', /^Der Server hat einen Fehler gemacht\. Neuer/],
  [new ApiError('The moon is in the way.', 503), null, /^The moon is in the way\. Neuer Versuch/],
])('a failure that passes, "%s", is told as %s', (error, kind, words) => {
  const told: FromWorker[] = [];
  const report = (message: FromWorker) => void told.push(message);
  const deliveries = new Deliveries({
    ...{ server: new FakeWorkServer(), keeping: memoryKeeping(), owner: 'me', report },
  });
  deliveries.delayMs(error);
  expect(told).toEqual([
    { type: 'problem', words: expect.stringMatching(words), fatal: false, code: error.code, kind },
  ]);
});

test('an engine that fails is told in German with its own reason, and sorted by that', async () => {
  const said: [string, Trouble | null][] = [];
  const engines = {
    current: { engine: { name: 'wasm' } },
    failed: 0,
    next: async () => void engines.failed++,
  };
  const failing = throughFailures(engines, () => Promise.reject(new Error('out of memory')), {
    ...{ control: new Control(), isFault: () => true, failuresMax: 2 },
    say: (words, kind) => said.push([words, kind]),
  });
  await expect(failing).rejects.toMatchObject({ kind: 'wasmMemory' } satisfies Partial<Problem>);
  expect(said).toEqual([
    [expect.stringMatching(/funktioniert nicht mehr: out of memory\. Weiter mit/), 'wasmMemory'],
  ]);
});

test('storage that refuses is told in German, and as what it is', async () => {
  const said: [string, Trouble | null][] = [];
  const onTrouble = (words: string, kind: Trouble | null) => void said.push([words, kind]);
  const refuses = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
  const store = { read: refuses, write: refuses, remove: refuses };
  await new KeptOutbox(store, { accepts: (_): _ is string => true, onTrouble }).put('a', 'b');
  const states = { ...memoryKeeping().inHand, save: async () => false };
  const saved = { index: 0, from: 0, start: null, engine: '', elapsedMs: 0, state: new Uint8Array(1) };
  const leased = { run: 0, from: 0, checkpoint: null, end: null };
  await new LocalRuns(states, onTrouble).save({ sweepId: 'a-00000000', unit: 0 }, leased, saved);
  expect(said).toEqual([
    [expect.stringMatching(/^Dieses Gerät hebt fertige Arbeit nicht auf \(QuotaExceededError/), 'notKept'],
    [expect.stringMatching(/^Dieses Gerät hebt die laufenden Läufe nicht auf/), 'notKept'],
  ]);
});
