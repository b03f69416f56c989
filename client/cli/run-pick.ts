// Runs in Node and in the page of `run-page` alike.

import type { Engine } from '../../shared/engine/engine.ts';
import { type Candidate, type Choosing, chooseEngine } from '../engine/choose.ts';
import { Refusal } from './local/refusal.ts';

export const ENGINES = ['auto', 'wasm', 'webgpu', 'tfjs'] as const;
export type EngineName = (typeof ENGINES)[number];

export function engineNamed(name: string): EngineName {
  const known = ENGINES.find((engine) => engine === name);
  if (known) return known;
  throw new Refusal(`There is no engine "${name}"; use one of ${ENGINES.join(', ')}.`);
}

/** Loads the engine of a name; where there are several of it, or it can train more or fewer runs at once, the fastest. */
export async function engineOf(
  wanted: EngineName,
  { candidates, fallbacks }: Pick<Choosing, 'candidates' | 'fallbacks'>,
): Promise<{ engine: Engine; replicas: number }> {
  const named = candidates.filter(({ name }) => name === wanted);
  const [only] = named;
  if (only && (only.replicas?.length ?? 1) === 1) {
    const engine = await only.load().catch(refuse(only));
    return { engine, replicas: only.replicas?.[0] ?? 1 };
  }
  const groups: Record<EngineName, [readonly Candidate[], readonly Candidate[]]> = {
    auto: [candidates, fallbacks],
    wasm: [named, []],
    webgpu: [named, []],
    tfjs: [fallbacks, []],
  };
  const [first, second] = groups[wanted];
  const { chosen, trials } = await chooseEngine({ candidates: first, fallbacks: second, machine: '' });
  if (chosen) return { engine: chosen.engine, replicas: chosen.choice.replicas };
  const reasons = trials.map(({ name, problem }) => `  ${name}: ${problem}`);
  throw new Refusal([`No engine ${wanted === 'auto' ? '' : `${wanted} `}works here.`, ...reasons].join('\n'));
}

const refuse =
  ({ name }: Candidate) =>
  (error: Error): never => {
    throw new Refusal(`The engine ${name} does not work here: ${error.message}`);
  };
