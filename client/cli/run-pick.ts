// Runs in Node and in the page of `run-page` alike.

import type { Engine } from '../../shared/engine/engine.ts';
import type { Candidate, Choosing } from '../engine/choose.ts';
import { Selection } from '../engine/selection.ts';
import type { Engines } from '../volunteer/engines.ts';
import { Refusal } from './local/refusal.ts';

export const ENGINES = ['auto', 'wasm', 'webgpu', 'tfjs'] as const;
export type EngineName = (typeof ENGINES)[number];

export interface EngineInUse {
  engine: Engine;
  /** How many runs to train at once. */
  replicas: number;
}

/** The engine in use, and those to go on with when it fails. */
export interface RunEngines extends Engines {
  readonly current: EngineInUse;
}

export function engineNamed(name: string): EngineName {
  const known = ENGINES.find((engine) => engine === name);
  if (known) return known;
  throw new Refusal(`There is no engine "${name}"; use one of ${ENGINES.join(', ')}.`);
}

/** How many engines a name stands for that may be tried one after the other. */
export const enginesOf = (wanted: EngineName): number => (wanted === 'auto' || wanted === 'tfjs' ? 3 : 1);

/** Loads the engine of a name; where there are several of it, or it can train more or fewer runs at once, the fastest. */
export async function engineOf(
  wanted: EngineName,
  { candidates, fallbacks }: Pick<Choosing, 'candidates' | 'fallbacks'>,
): Promise<RunEngines> {
  const named = candidates.filter(({ name }) => name === wanted);
  const [only] = named;
  if (only && (only.replicas?.length ?? 1) === 1) return alone(only);
  const groups: Record<EngineName, [readonly Candidate[], readonly Candidate[]]> = {
    auto: [candidates, fallbacks],
    wasm: [named, []],
    webgpu: [named, []],
    tfjs: [fallbacks, []],
  };
  const [first, second] = groups[wanted];
  const options = { candidates: first, fallbacks: second, machine: '', report: () => undefined };
  const selection = new Selection(options);
  await selection.begin(null).catch((error: Error) => {
    throw new Refusal(error.message);
  });
  return {
    get current() {
      const { engine, choice } = selection.current;
      return { engine, replicas: choice.replicas };
    },
    get failed() {
      return selection.failed;
    },
    next: () => selection.next(),
  };
}

async function alone({ name, replicas, load }: Candidate): Promise<RunEngines> {
  const engine = await load().catch((error: Error) => {
    throw new Refusal(`The engine ${name} does not work here: ${error.message}`);
  });
  return {
    current: { engine, replicas: replicas?.[0] ?? 1 },
    failed: 0,
    next: async () => {
      throw new Error('there is no other engine');
    },
  };
}
