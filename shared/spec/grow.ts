// A sweep with more runs. What was there keeps its place: run i stays run i, with its cell, seed and configuration.

import type { SweepChange } from '../protocol.ts';
import { type Checked, problem } from './problems.ts';
import type { AxisSpec, AxisValue, SweepSpec } from './schema.ts';
import { canonicalSpec, readSweep, type Sweep } from './sweep.ts';

/** How large a sweep should be. */
export type Growth = Pick<SweepChange, 'run_cap' | 'seeds'>;

/**
 * The sweep with a higher cap or with more seeds for every configuration, checked against all limits. A sweep that has
 * them already is returned as it is, so asking again is safe; one that would lose a run, or gain none, is a problem.
 */
export function grownSweep(sweep: Sweep, { run_cap, seeds }: Growth): Checked<Sweep> {
  const refused = (field: string, value: unknown, expected: string): Checked<Sweep> => ({
    ok: false,
    problems: [problem(field, value, expected)],
  });
  const { spec, seedCount, runs } = sweep;
  if (seeds !== undefined && spec.method === 'random')
    return refused('seeds', seeds, 'run_cap instead: a random search grows by configurations');
  if (seeds !== undefined && seeds < seedCount) return refused('seeds', seeds, `${seedCount} or more`);
  const asked = {
    ...spec,
    ...(run_cap === undefined ? {} : { run_cap }),
    ...(seeds === undefined || seeds === seedCount ? {} : { parameters: withSeeds(sweep, seeds) }),
  };
  const read = readSweep(asked);
  if (!read.ok || canonicalSpec(read.value.spec) === canonicalSpec(spec)) return read;
  if (read.value.runs > runs) return read;
  if (run_cap !== undefined && run_cap < runs) return refused('run_cap', run_cap, `${runs} or more`);
  return run_cap === undefined
    ? refused('seeds', seeds, `a higher run_cap as well: the one there is keeps the sweep at ${runs} runs`)
    : refused('run_cap', run_cap, `more seeds as well: these configurations and seeds make ${runs} runs`);
}

/** The parameters with seeds appended: the whole numbers after the largest one. */
function withSeeds({ spec, seeds: axis }: Sweep, seeds: number): SweepSpec['parameters'] {
  return { ...spec.parameters, seed: appended(spec.parameters.seed ?? { values: [0] }, axis, seeds) };
}

function appended(written: AxisSpec, axis: Sweep['seeds'], seeds: number): AxisSpec {
  if (!('values' in axis)) return { ...written, max: axis.min + seeds - 1 };
  const known = axis.values as readonly AxisValue[];
  const last = known.reduce<number>((max, seed) => Math.max(max, Number(seed)), 0);
  const more = Array.from({ length: seeds - known.length }, (_, i) => last + 1 + i);
  return { values: [...known, ...more] };
}
