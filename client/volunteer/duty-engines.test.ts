// The duty cycle on real engines of a processor, by the clock.

import { expect, test } from 'vitest';
import { TINY } from '../../test/configurations.ts';
import { NODE_TFJS } from '../cli/tfjs-node.ts';
import { nodeWasm } from '../cli/wasm-node.ts';
import { tfjsEngine } from '../engine/tfjs/engine.ts';
import { wasmPoolEngine } from '../engine/wasm/pool.ts';
import { Control } from './control.ts';
import { Stamina } from './pace.ts';
import { Throttle } from './throttle.ts';
import { trainRuns } from './train.ts';

const engines = { js: () => tfjsEngine('cpu', NODE_TFJS), wasm: () => wasmPoolEngine(nodeWasm(1)) };

test.each(Object.entries(engines))(
  '%s computes a quarter of the time where that is asked for',
  async (_, load) => {
    const engine = await load();
    const control = new Control();
    control.setRule({ duty: 0.25, rest: null });
    let measured = { share: 0, overMs: 0 };
    const training = trainRuns({
      chosen: () => ({ engine, replicas: 1 }),
      trainings: [{ config: { ...TINY, train: { ...TINY.train, steps: 10_000_000 } }, seed: 0 }],
      ...{ control, stamina: new Stamina() },
      throttle: new Throttle({
        governor: control,
        onBusy: (busy) => {
          measured = busy;
          // Long enough for one chunk more or less to count little.
          if (busy.overMs > 10_000) control.stop();
        },
      }),
      ...{ onGroup: () => {}, onPoints: () => {}, onMishap: () => {} },
    });
    await training.next();
    expect(Math.abs(measured.share - 0.25)).toBeLessThan(0.05);
  },
  60_000,
);
