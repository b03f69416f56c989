import { afterEach, expect, test } from 'vitest';
import type { Curve } from '../../shared/curve.ts';
import { encodeRunState } from '../../shared/run-state.ts';
import type { FinishedRun, LeasedRun } from '../../shared/work.ts';
import { browserLocalStates } from '../storage/local-states-browser.ts';
import { browserOutbox } from '../storage/outbox-browser.ts';
import { ownerOf } from './keeping.ts';
import { keptHere } from './kept-here.ts';
import { LocalRuns } from './local-runs.ts';

const sweepId = 'demo-00000000';
const none = new Float32Array();
const curve: Curve = {
  steps: [],
  channels: { 'train.loss': none, 'train.accuracy': none, 'test.loss': none, 'test.accuracy': none },
  divergedAt: null,
};
const outbox = browserOutbox<unknown>({ accepts: (_): _ is unknown => true, onTrouble: () => {} });
const states = browserLocalStates();
const local = new LocalRuns(states, () => {});

const stands = (run: number, step: number) => {
  const state = encodeRunState({ step, curve, checkpoint: new Uint8Array(100_000) });
  const saved = { index: 0, from: 0, start: null, engine: 'wasm 1', elapsedMs: 1, state };
  return local.save({ sweepId, unit: 2 }, { run, from: 0, checkpoint: null, end: null } as LeasedRun, saved);
};
const waits = (run: number, to: number, token = 'mine') => {
  const result: FinishedRun = {
    ...{ sweepId, unit: 2, run, from: 0, to, curve: 'AAAA', start: null, end: null, checkpoint: null },
    ...{ weightsDigest: '0'.repeat(64), elapsedMs: 1, engine: 'wasm', engineVersion: '1' },
  };
  return outbox.put(`${sweepId}.${run}.${to}`, { owner: ownerOf(token), result });
};

afterEach(async () => {
  await states.clear();
  await outbox.remove((await outbox.all()).map(({ key }) => key));
});

test('a browser that keeps nothing says so, and no room is made for anything', async () => {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry('tabgrad-states-1', { recursive: true }).catch(() => {});
  expect(await keptHere('mine')).toEqual({ waiting: 0, runs: [] });
  await expect(root.getDirectoryHandle('tabgrad-states-1')).rejects.toThrow();
});

test('what waits and where the runs in hand stand is known without a change to either', async () => {
  for (const step of [3000, 4497]) await stands(5, step);
  await stands(3, 12);
  await waits(8, 2000);
  expect(await keptHere('mine')).toEqual({
    waiting: 1,
    runs: [
      { sweepId, run: 3, step: 12 },
      { sweepId, run: 5, step: 4497 },
    ],
  });
  expect((await states.keys()).sort()).toEqual([`${sweepId}.2.3`, `${sweepId}.2.5`]);
  expect(await outbox.all()).toHaveLength(1);
});

test('a run whose result waits is not in hand, and what is another’s or unreadable is left alone', async () => {
  await stands(3, 12);
  await waits(3, 50);
  await waits(4, 50, 'of another');
  await outbox.put('odd', 7);
  await states.save(`${sweepId}.2.9`, new Uint8Array(20));
  expect(await keptHere('mine')).toEqual({ waiting: 1, runs: [] });
  expect([(await outbox.all()).length, (await states.keys()).length]).toEqual([3, 2]);
});
