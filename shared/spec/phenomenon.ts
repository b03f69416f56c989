// What a sweep is about, for volunteers who choose a cause: as its spec says, else by what its runs do.

import type { Phase, Programme } from './phases.ts';
import type { Phenomenon } from './phenomena.ts';
import type { SweepSpec } from './schema.ts';

/** Tasks that are learnt by rote long before they are understood, if at all (Power et al. 2022). */
const ALGORITHMIC: ReadonlySet<string> = new Set(['modular', 'parity', 'permutation']);

/** Phases that put weights back, make new ones, or take over those of others, under a mask. */
const TAKING_OVER: ReadonlySet<string> = new Set(['rewind', 'reinit', 'rescale', 'shuffle-mask', 'load']);

/** Inferred where the spec does not say it: from the phases of all its programmes, then from its task. */
export function phenomenonOf({
  phenomenon,
  programmes = {},
  task,
}: Pick<SweepSpec, 'phenomenon' | 'programmes' | 'task'>): Phenomenon {
  if (phenomenon !== undefined) return phenomenon;
  const phases = Object.values(programmes).flatMap(phasesOf);
  if (phases.some(isMasking))
    return phases.some(({ kind }) => TAKING_OVER.has(kind)) ? 'lottery-tickets' : 'pruning';
  return ALGORITHMIC.has(task.kind) ? 'grokking' : 'other';
}

const phasesOf = (programme: Programme): Phase[] =>
  programme.flatMap((phase) => (phase.kind === 'repeat' ? phase.phases : [phase]));

const isMasking = (phase: Phase): boolean =>
  phase.kind === 'prune' ||
  phase.kind === 'edge-popup' ||
  (phase.kind === 'load' && phase.what !== 'weights');
