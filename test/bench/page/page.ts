import { browserPlatform } from '../../../client/engine/platform-browser.ts';
import type { Engine, Training } from '../../../shared/engine/engine.ts';
import type { RunConfig } from '../../../shared/spec/schema.ts';
import { counters } from './counters.ts';
import { roofline } from './roofline.ts';
import { type Subject, sessionSubject } from './subject.ts';

export interface Wanted {
  library: 'ours' | 'tfjs' | 'jax-js';
  device: 'webgpu' | 'wasm';
  form: 'as written' | 'rewritten';
  config: RunConfig;
  replicas: number;
}

export interface Trained {
  wallMs: number;
  dispatches: number;
  submissions: number;
}

let subject: Subject | null = null;

const bench = {
  roofline,

  async open(wanted: Wanted): Promise<void> {
    subject = await subjectOf(wanted);
  },

  async train(steps: number): Promise<Trained> {
    const before = { ...counters };
    const start = performance.now();
    await subject?.train(steps);
    return {
      wallMs: performance.now() - start,
      dispatches: counters.dispatches - before.dispatches,
      submissions: counters.submissions - before.submissions,
    };
  },

  emptyDispatches(): void {
    counters.isEmpty = true;
  },

  losses: async (): Promise<number[]> => (await subject?.losses()) ?? [],

  dispatchMs: async (steps: number): Promise<number[] | null> => (await subject?.dispatchMs(steps)) ?? null,
};

export type Bench = typeof bench;

async function subjectOf({ library, device, form, config, replicas }: Wanted): Promise<Subject> {
  const trainings = Array.from({ length: replicas }, (_, seed): Training => ({ config, seed }));
  const algebra = form === 'as written' ? 'written' : 'rewritten';
  if (library === 'jax-js') return (await import('./jax.ts')).jaxSubject(device, algebra, trainings);
  const engine =
    library === 'tfjs'
      ? await (await import('../../../client/engine/tfjs/engine.ts')).tfjsEngine(
          device,
          browserPlatform().tfjs,
          algebra,
        )
      : await ourEngine(device);
  return sessionSubject(await engine.prepare(trainings));
}

async function ourEngine(device: 'webgpu' | 'wasm'): Promise<Engine> {
  if (device === 'wasm') throw new Error('ours on wasm is measured in Node');
  return (await import('../../../client/engine/webgpu/engine.ts')).webgpuEngine(
    await browserPlatform().gpu(),
  );
}

Object.assign(globalThis, { bench });
