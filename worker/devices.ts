import { cached } from './cache.ts';
import type { Env } from './env.ts';
import { askAll } from './places.ts';
import { openSweeps } from './store/sweeps.ts';

/** How many open sweeps are asked for their devices; where there are more, the number is a lower bound. */
const SWEEPS_ASKED_MAX = 10;
const DEVICES_MS = 3000;

/** Devices that hold a live lease, as of a few seconds ago. */
export const devicesOf = (env: Env): Promise<number> =>
  cached('devices', DEVICES_MS, async () => {
    const open = await openSweeps(env.DB, SWEEPS_ASKED_MAX);
    const counts = open.map(async (sweep) => {
      // One sweep in trouble must not take the page down.
      const stripes = await askAll(env, sweep, (d, at) => d.status(at)).catch(() => []);
      return stripes.reduce((sum, { devices }) => sum + devices, 0);
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  });
