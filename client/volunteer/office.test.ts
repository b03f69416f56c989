import { expect, test } from 'vitest';
import type { FinishedRun } from '../../shared/work.ts';
import { memoryKeeping } from '../../test/fake-keeping.ts';
import type { FromWorker } from '../engine/messages.ts';
import { Control } from './control.ts';
import { openOffice } from './office.ts';
import type { Worry } from './trouble.ts';

test('whoever leaves with results that only memory holds is told so', async () => {
  const said: string[] = [];
  const report = (message: FromWorker) => void (message.type === 'problem' && said.push(message.words));
  let trouble: Worry = () => {};
  const office = openOffice({
    // Nothing listens there.
    ...{ origin: 'http://127.0.0.1:1', identity: { token: 't', deviceId: 'd'.repeat(32) }, report },
    socket: null,
    keeping: (onTrouble) => {
      trouble = onTrouble;
      return memoryKeeping();
    },
  });
  await office.deliveries.add(
    { sweepId: 'a-00000000', run: 0, to: 1, checkpoint: null, curve: '' } as FinishedRun,
    null,
  );
  trouble('This device does not keep finished work.', 'notKept');
  const control = new Control();
  control.stop();
  await office.close(control);
  expect(said[0]).toBe('This device does not keep finished work.');
  expect(said.at(-1)).toContain('somebody else will train it again');
});
