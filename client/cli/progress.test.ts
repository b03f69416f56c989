import { expect, test } from 'vitest';
import type { FromWorker } from '../engine/messages.ts';
import { Progress } from './progress.ts';

/** What a terminal shows of so many messages, piece by piece. */
function shown(isTTY: boolean, ...messages: FromWorker[]): string[] {
  const written: string[] = [];
  const out = { isTTY, columns: 200, write: (text: string) => written.push(text) };
  const progress = new Progress(out as unknown as NodeJS.WriteStream);
  for (const message of messages) progress.report(message);
  return written;
}

const sweepId = 'demo-00000000';
const handedOver: FromWorker = {
  ...{ type: 'handed-over', sweepId },
  runs: [{ run: 0, seed: 3, label: 'weight decay 1', to: 11_964, steps: 100_000 }],
};
const judged = (verdict: 'accepted' | 'refused'): FromWorker => ({
  type: 'delivered',
  runs: [{ sweepId, run: 0, isPart: true, to: 11_964, verdict, message: null }],
});

test('how far a run got is said once the server has it', () => {
  expect(shown(false, handedOver)).toEqual([]);
  expect(shown(false, handedOver, judged('accepted'))).toEqual([
    'so far    weight decay 1, seed 3: step 11,964 of 100,000\n',
  ]);
  expect(shown(false, handedOver, judged('refused'))).toEqual(['refused   part of run 0\n']);
});

test('a run of several parts is shown by the part it is in, and its result by the last one', () => {
  const evaluation = { trainLoss: 0, trainAccuracy: 1, testLoss: 0, testAccuracy: 0.5 };
  const runs = [{ run: 0, cell: 0, seed: 3, label: 'programme ticket' }];
  const group: FromWorker = {
    ...{ type: 'group', sweepId, title: 'Demo', sweepRuns: 1, engine: 'wasm', device: 'processor', runs },
    ...{ steps: 1701, threshold: 0.95, from: 1301, keptBy: null },
    parts: [
      { name: 'part 1 of 2', words: 'train for 1300 steps', from: 0, to: 1300 },
      { name: 'part 2 of 2', words: 'prune; train for 400 steps', from: 1301, to: 1701 },
    ],
    points: [{ step: 1301, of: [evaluation] }],
  };
  const bar = shown(true, group, { type: 'step', step: 1313, msPerStep: 2 }).at(-1);
  expect(bar).toContain('] part 2 of 2, step 12/400  test  50 %');
  expect(bar).toMatch(/programme ticket, seed 3 {2}prune; train for 400 steps$/);
  const summary = { run: 0, seed: 3, label: 'programme ticket', steps: 400, tMem: 4, divergedAt: null };
  const of = (tGen: number | null): FromWorker[] => [
    { type: 'trained', sweepId, runs: [{ ...summary, tGen }] },
    {
      type: 'delivered',
      runs: [{ sweepId, run: 0, isPart: false, to: 1701, verdict: 'accepted', message: null }],
    },
  ];
  expect(shown(false, ...of(null))).toEqual([
    'accepted  programme ticket, seed 3: not generalised by step 400\n',
  ]);
  expect(shown(false, ...of(393))).toEqual(['accepted  programme ticket, seed 3: generalised at step 393\n']);
});

test('a run that goes on begins where it stands, and its bar moves between evaluations', () => {
  const evaluation = { trainLoss: 0, trainAccuracy: 1, testLoss: 0, testAccuracy: 0.5 };
  const group: FromWorker = {
    ...{ type: 'group', sweepId, title: 'Demo', sweepRuns: 1, engine: 'wasm', device: 'processor' },
    ...{ steps: 6000, threshold: 0.95, from: 4497, keptBy: 'device' },
    runs: [{ run: 0, cell: 0, seed: 3, label: 'weight decay 1' }],
    points: [{ step: 4400, of: [evaluation] }],
  };
  const last = shown(true, group, { type: 'step', step: 4612, msPerStep: 2 }).at(-1);
  expect(last).toContain('step 4612/6000');
  expect(last).toContain('test  50 %');
});

test('how busy the device was is a line now and then in a journal, and stands in the bar on a terminal', () => {
  const busy = (share: number, overMs: number): FromWorker => ({ type: 'busy', share, overMs });
  expect(shown(false, busy(0.5, 900), busy(0.249, 10_200), busy(0.3, 11_000))).toEqual([
    'Busy 24.9 % of the last 10 s (asked for: 100 %)\n',
  ]);
  const evaluation = { trainLoss: 0, trainAccuracy: 1, testLoss: 0, testAccuracy: 0.5 };
  const group: FromWorker = {
    ...{ type: 'group', sweepId, title: 'Demo', sweepRuns: 1, engine: 'wasm', device: 'processor' },
    ...{ runs: [{ run: 0, cell: 0, seed: 3, label: 'weight decay 1' }] },
    ...{ steps: 100, threshold: 0.95, from: 0, keptBy: null, points: [{ step: 0, of: [evaluation] }] },
  };
  const bar = shown(true, group, busy(0.249, 10_200), { type: 'step', step: 50, msPerStep: 1 });
  expect(bar.at(-1)).toContain('test  50 %  busy 25 %  1 ms per step and run');
});
