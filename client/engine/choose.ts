import type { Engine } from '../../shared/engine/engine.ts';
import { runCost } from '../../shared/spec/cost.ts';
import type { RunConfig } from '../../shared/spec/schema.ts';
import type { EngineTrial } from './messages.ts';

/** The benchmark trains the smallest network of the demo sweeps. */
const BENCHMARK: RunConfig = {
  task: { kind: 'modular', op: 'add', p: 31, pairs: 'unordered', diagonal: true, trainFraction: 0.7 },
  model: { kind: 'embedding-mlp', embedding: 64, hidden: 32, activation: 'relu' },
  init: { scale: 1 },
  loss: { kind: 'cross-entropy' },
  optimizer: { kind: 'adamw', lr: 0.01, weightDecay: 1.5, betas: [0.9, 0.98], eps: 1e-8 },
  train: { steps: 1500 },
  threshold: 0.95,
};

/** Measuring time for each engine, after its shaders or modules are compiled. */
const TRIAL_MS = 330;
const START_MS_MAX = 15_000;

export interface Choice {
  engine: Engine;
  flopsPerSecond: number;
  msPerStep: number;
  trials: EngineTrial[];
}

export interface Candidate {
  name: string;
  load: () => Promise<Engine>;
}

/** Runs every candidate for a third of a second and takes the fastest. Null where none works; `trials` says why. */
export async function chooseEngine(
  candidates: readonly Candidate[],
): Promise<{ choice: Choice | null; trials: EngineTrial[] }> {
  const trials: EngineTrial[] = [];
  let best: { engine: Engine; msPerStep: number } | null = null;
  for (const { name, load } of candidates) {
    try {
      const engine = await withTimeout(load(), START_MS_MAX);
      const msPerStep = await withTimeout(measure(engine), START_MS_MAX);
      trials.push({ name, msPerStep, problem: null });
      if (!best || msPerStep < best.msPerStep) best = { engine, msPerStep };
    } catch (error) {
      trials.push({ name, msPerStep: null, problem: error instanceof Error ? error.message : String(error) });
    }
  }
  if (!best) return { choice: null, trials };
  const flopsPerSecond = runCost(BENCHMARK).flopsPerStep / (best.msPerStep / 1000);
  return { choice: { ...best, flopsPerSecond, trials }, trials };
}

async function measure(engine: Engine): Promise<number> {
  const session = await engine.prepare({ config: BENCHMARK, seed: 0 });
  try {
    await session.step(1);
    await session.evaluate();
    const start = performance.now();
    let elapsedMs = 0;
    for (let chunk = 1; elapsedMs < TRIAL_MS; chunk *= 2) {
      await session.step(chunk);
      elapsedMs = performance.now() - start;
    }
    return elapsedMs / (session.stepsDone - 1);
  } finally {
    session.dispose();
  }
}

async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not start within ${ms / 1000} s`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
