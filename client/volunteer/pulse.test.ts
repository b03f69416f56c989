import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SWEEP } from '../../test/fake-work-server.ts';
import { Control } from './control.ts';
import { Pulse } from './pulse.ts';
import type { WorkServer } from './server.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a heartbeat that waits for its answer is not followed by another, however long it waits', async () => {
  const control = new Control();
  const answers: ((leased: boolean) => void)[] = [];
  const heartbeat = () => new Promise<boolean>((resolve) => answers.push(resolve));
  const pulse = new Pulse(
    { sweepId: SWEEP, unit: 0 },
    {
      ...{ server: { heartbeat } as unknown as WorkServer, control, heartbeatMs: 100 },
      ...{ reached: new Map(), onOutdated: () => {} },
    },
  );
  const pass = async (beats: number) => {
    for (let i = 0; i < beats; i++) {
      control.turn();
      await vi.advanceTimersByTimeAsync(100);
    }
  };
  await pass(50);
  expect([answers.length, pulse.lost]).toEqual([1, false]);
  answers[0]?.(false);
  await pass(1);
  expect([answers.length, pulse.lost]).toEqual([2, true]);
  pulse.end();
});
