import { expect, test } from 'vitest';
import type { Evaluation } from '../../../shared/engine/engine.ts';
import { C } from '../../../test/configurations.ts';
import { webgpuEngine } from './engine.ts';

/** In ten seeds trained elsewhere tGen was 305 to 720, median 502. */
const config = { ...C, train: { steps: 700 } };

const SEEDS = 5;

test('on the graphics card too a network memorises, waits, and generalises', {
  timeout: 180_000,
}, async () => {
  const engine = await webgpuEngine(navigator.gpu);
  const session = await engine.prepare(Array.from({ length: SEEDS }, (_, seed) => ({ config, seed })));
  const [memorised, waiting, late] = (await session.advance(700, [60, 100, 700])) as [
    Evaluation[],
    Evaluation[],
    Evaluation[],
  ];
  session.dispose();
  for (const { trainAccuracy } of memorised) expect(trainAccuracy).toBeGreaterThan(0.95);
  for (const { testAccuracy } of waiting) expect(testAccuracy).toBeLessThan(0.2);
  const generalised = late.filter(({ testAccuracy }) => testAccuracy > 0.95);
  expect(generalised.length).toBeGreaterThan(SEEDS / 2);
});

test('a device with a clock says how long each dispatch of a step takes', async () => {
  const engine = await webgpuEngine(navigator.gpu);
  const session = await engine.prepare([{ config, seed: 0 }]);
  const times = await session.profile(3);
  expect(session.stepsDone).toBe(times ? 3 : 0);
  expect(times?.length ?? session.dispatchesPerStep).toBe(session.dispatchesPerStep);
  for (const ms of times ?? []) expect(ms).toBeGreaterThan(0);
  session.dispose();
});
