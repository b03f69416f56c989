// The roof of an engine on its device, measured right after it was chosen.

import type { Engine } from '../../shared/engine/engine.ts';
import { planOf, sizeOf } from '../../shared/engine/plan.ts';
import type { RunConfig } from '../../shared/spec/schema.ts';
import { taskSize } from '../../shared/tasks/index.ts';
import type { Roof } from './roofline.ts';

/** Bytes to copy: smaller ones would measure the calls. */
const COPIED = { min: 2 ** 16, max: 2 ** 26 };
const PEAKS_MS_MAX = 3000;

/**
 * Measures the device of an engine that trains so many runs of a configuration at once, within a second; null where the
 * engine cannot tell, fails at it or takes too long.
 */
export async function measuredRoof(
  engine: Engine,
  config: RunConfig,
  replicas: number,
): Promise<Roof | null> {
  const { kept, batch, flopsPerStep } = demandOf(config);
  const bytes = Math.min(COPIED.max, Math.max(COPIED.min, replicas * kept));
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PEAKS_MS_MAX));
  const measuring = Promise.resolve(engine.peaks?.(bytes) ?? null).catch(() => null);
  const peaks = await Promise.race([measuring, late]);
  return peaks && { ...peaks, flopsPerStep, bytesPerStep: 2 * kept + batch };
}

/** Of one run: bytes it keeps from step to step, bytes of a batch, and operations. */
function demandOf(config: RunConfig): { kept: number; batch: number; flopsPerStep: number } {
  const plan = planOf(config);
  const { tokensPerRow, features } = taskSize(config.task);
  const lasting = plan.values.filter(({ kind }) => kind === 'weight' || kind === 'state');
  return {
    kept: 4 * lasting.reduce((sum, value) => sum + sizeOf(value, 0), 0),
    batch: 4 * plan.batch * (tokensPerRow + features + 1),
    flopsPerStep: plan.flopsPerStep.planned,
  };
}
