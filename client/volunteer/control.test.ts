import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FromWorker } from '../engine/messages.ts';
import { Control } from './control.ts';
import { tellingHolds } from './holding.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Whether a promise has resolved by now. */
async function isOver(promise: Promise<unknown>): Promise<boolean> {
  let over = false;
  void promise.then(() => {
    over = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return over;
}

const resting = { duty: 1, rest: { why: 'battery' } } as const;

test('a rest holds the work until a rule without one, and a pause beneath it stays', async () => {
  const control = new Control();
  control.setRule(resting);
  const going = control.go();
  expect(await isOver(going)).toBe(false);
  control.pause();
  control.setRule({ duty: 0.5, rest: null });
  expect(await isOver(going)).toBe(false);
  control.resume();
  expect(await going).toBe(true);
  expect(control.duty).toBe(0.5);
});

test('Finish ends a pause, since the runs in hand are still to be trained', async () => {
  const control = new Control();
  control.pause();
  const going = control.go();
  expect(await isOver(going)).toBe(false);
  control.finish();
  expect(await going).toBe(true);
  expect([control.paused, control.ending]).toEqual([false, true]);
});

test('Stop ends a rest', async () => {
  const control = new Control();
  control.setRule(resting);
  const going = control.go();
  control.stop();
  expect(await going).toBe(false);
});

test('another rule asks no server early; Pause, Stop and the network being back end a wait', async () => {
  const control = new Control();
  const waiting = control.sleep(60_000);
  control.setRule({ duty: 0.3, rest: null });
  control.setRule({ duty: 0.2, rest: null });
  expect(await isOver(waiting)).toBe(false);
  control.nudge();
  expect(await isOver(waiting)).toBe(true);
  for (const act of ['pause', 'resume', 'stop'] as const) {
    const next = control.sleep(60_000);
    control[act]();
    expect(await isOver(next)).toBe(true);
  }
});

function told() {
  const control = new Control();
  const said: string[] = [];
  const report = tellingHolds(control, (message: FromWorker) => {
    if (message.type === 'phase') said.push(`${message.phase}: ${message.words}`);
  });
  const phase = (name: 'training' | 'waiting' | 'stopped') =>
    report({ type: 'phase', phase: name, words: name });
  return { control, said, phase };
}

test('a pause, a rest and their ends are told once each, and a pause before a rest', () => {
  const { control, said, phase } = told();
  phase('training');
  control.setRule({ duty: 1, rest: { why: 'hours', until: 22 } });
  control.setRule({ duty: 0.5, rest: { why: 'hours', until: 22 } });
  control.pause();
  control.resume();
  control.setRule({ duty: 0.5, rest: null });
  control.setRule({ duty: 1, rest: null });
  expect(said).toEqual([
    'training: training',
    'resting: Resting until 22:00, as the settings say; training goes on by itself then',
    expect.stringMatching(/^paused: Paused\. The unit in hand is kept for a minute and a half/),
    'resting: Resting until 22:00, as the settings say; training goes on by itself then',
    'training: Going on',
  ]);
});

test('what the work says of itself meanwhile is told when it goes on; its end at once', () => {
  const { control, said, phase } = told();
  control.pause();
  phase('waiting');
  control.resume();
  expect(said.slice(1)).toEqual(['waiting: waiting']);
  control.pause();
  control.stop();
  phase('stopped');
  expect(said.slice(3)).toEqual(['stopped: stopped']);
});
