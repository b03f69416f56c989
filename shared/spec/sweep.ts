// A sweep is computed, never listed: run i's cell, seed and configuration follow from its index.

import * as v from 'valibot';
import { LIMITS } from '../limits.ts';
import { taskSize, trainRowCount } from '../tasks/index.ts';
import {
  type Axis,
  axisCount,
  axisValue,
  checkPath,
  combinations,
  drawAxis,
  readAxis,
  searchablePaths,
  valuesToCheck,
  withValue,
} from './axes.ts';
import { runCost } from './cost.ts';
import { type Checked, type Problem, problem, problemsOf } from './problems.ts';
import {
  type AxisValue,
  type RunConfig,
  runConfigSchema,
  type SweepSpec,
  seedSchema,
  sweepSpecSchema,
} from './schema.ts';

/** A checked spec and the sizes that follow from it. */
export interface Sweep {
  spec: SweepSpec;
  /** The searched parameters except the seed, in the order of the spec. */
  axes: readonly Axis[];
  seeds: Axis;
  seedCount: number;
  /** Configurations, numbered from 0; in a grid the last axis varies fastest. */
  cells: number;
  runs: number;
}

export interface Run {
  index: number;
  cell: number;
  seed: number;
  config: RunConfig;
}

const NO_SEEDS: Axis = { path: 'seed', values: [0] };

/** Checks a spec as a researcher wrote it (parsed JSON or YAML) and fills in defaults. */
export function readSweep(data: unknown): Checked<Sweep> {
  const parsed = v.safeParse(sweepSpecSchema, data);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.issues) };
  const spec = parsed.output;
  const problems: Problem[] = [];
  const { axes, seeds } = readAxes(spec, problems);
  if (problems.length === 0) checkSections(spec, axes, problems);
  if (problems.length === 0) checkValues('seed', seeds, problems);
  if (problems.length > 0) return { ok: false, problems };
  const sweep = sized(spec, axes, seeds, problems);
  if (problems.length === 0) checkCosts(sweep, problems);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: sweep };
}

/** The sweep of a spec that was checked before, as stored. Throws when the spec is not one. */
export function sweepOf(spec: unknown): Sweep {
  const sweep = readSweep(spec);
  if (!sweep.ok) throw new Error(`stored spec is broken: ${JSON.stringify(sweep.problems)}`);
  return sweep.value;
}

/**
 * Run number `index`. A grid goes through all cells for the first seed, then for the second, so that a partial
 * sweep covers the grid evenly and further seeds are appended; a random search finishes cell after cell, so that
 * further cells are.
 */
export function runAt(sweep: Sweep, index: number): Run {
  if (!Number.isInteger(index) || index < 0 || index >= sweep.runs) {
    throw new RangeError(`run ${index} is not in 0 .. ${sweep.runs - 1}`);
  }
  const grid = sweep.spec.method === 'grid';
  const cell = grid ? index % sweep.cells : Math.floor(index / sweep.seedCount);
  const seedNumber = grid ? Math.floor(index / sweep.cells) : index % sweep.seedCount;
  return { index, cell, seed: axisValue(sweep.seeds, seedNumber) as number, config: cellConfig(sweep, cell) };
}

/** The values of the searched parameters in one cell, in the order of the axes. */
export function cellValues(sweep: Sweep, cell: number): AxisValue[] {
  if (sweep.spec.method === 'random')
    return sweep.axes.map((axis, position) => drawAxis(axis, cell, position));
  const values: AxisValue[] = [];
  let rest = cell;
  for (const axis of [...sweep.axes].reverse()) {
    const count = axisCount(axis) as number;
    values.unshift(axisValue(axis, rest % count));
    rest = Math.floor(rest / count);
  }
  return values;
}

export function cellConfig(sweep: Sweep, cell: number): RunConfig {
  const base = baseConfig(sweep.spec);
  const values = cellValues(sweep, cell);
  return sweep.axes.reduce((config, axis, i) => withValue(config, axis.path, values[i] as AxisValue), base);
}

/** How many of the sweep's runs belong to a cell: all its seeds, unless run_cap cuts it short. */
export function runsInCell(sweep: Sweep, cell: number): number {
  if (sweep.spec.method === 'random') return Math.min(sweep.seedCount, sweep.runs - cell * sweep.seedCount);
  return Math.floor(sweep.runs / sweep.cells) + (cell < sweep.runs % sweep.cells ? 1 : 0);
}

/** The indices of a cell's runs, in the order of its seeds. */
export function runsOfCell(sweep: Sweep, cell: number): number[] {
  const [first, stride] = sweep.spec.method === 'grid' ? [cell, sweep.cells] : [cell * sweep.seedCount, 1];
  return Array.from({ length: runsInCell(sweep, cell) }, (_, i) => first + i * stride);
}

/** Runs with the same shape may be leased and trained together: same tensors, same number of steps. */
export const shapeOf = ({ task, model, train }: RunConfig): string =>
  JSON.stringify([taskSize(task), trainRowCount(task), model, train]);

/** The text whose digest names the spec: normalised, with the searched parameters in the author's order. */
export const canonicalSpec = (spec: SweepSpec): string => JSON.stringify(v.parse(sweepSpecSchema, spec));

/** The configuration before any search: what a cell's values are put into. */
function baseConfig(spec: SweepSpec): RunConfig {
  const { task, model, init, loss, optimizer, train, threshold } = spec;
  return { task, model, init, loss, optimizer, train, threshold };
}

function readAxes(spec: SweepSpec, problems: Problem[]): { axes: Axis[]; seeds: Axis } {
  const known = [...searchablePaths(baseConfig(spec)), 'seed'];
  const entries = Object.entries(spec.parameters);
  if (entries.length > LIMITS.axesMax)
    problems.push(problem('parameters', entries.length, `at most ${LIMITS.axesMax} parameters`));
  const axes: Axis[] = [];
  let seeds = NO_SEEDS;
  for (const [path, axisSpec] of entries) {
    problems.push(...checkPath(path, known));
    // Seeds are always enumerated, so a random search may give them as a range too.
    const axis = readAxis(path, axisSpec, path === 'seed' ? 'grid' : spec.method, problems);
    if (axis && path === 'seed') seeds = axis;
    else if (axis) axes.push(axis);
  }
  return { axes, seeds };
}

function checkValues(path: string, axis: Axis, problems: Problem[]) {
  for (const value of valuesToCheck(axis)) {
    const parsed = v.safeParse(seedSchema, value);
    if (!parsed.success)
      problems.push(...problemsOf(parsed.issues).map((p) => ({ ...p, field: `parameters.${path}` })));
  }
}

/** Checks every combination of values within a section (task, model, ...): what fits together is a section's own matter. */
function checkSections(spec: SweepSpec, axes: readonly Axis[], problems: Problem[]) {
  const base = baseConfig(spec);
  const sections = new Map<string, Axis[]>([['task', []]]);
  for (const axis of axes) {
    const section = axis.path.split('.')[0] as string;
    sections.set(section, [...(sections.get(section) ?? []), axis]);
  }
  for (const [section, members] of sections) {
    const all = combinations(members);
    if (all === null) {
      problems.push(
        problem(
          'parameters',
          undefined,
          `at most ${LIMITS.combinationsMax} combinations of values within ${section}`,
        ),
      );
      continue;
    }
    for (const values of all) {
      const config = members.reduce((c, axis, i) => withValue(c, axis.path, values[i] as AxisValue), base);
      const found = checkConfig(config, axes).filter(
        (p) => !problems.some(({ field, value }) => field === p.field && value === p.value),
      );
      problems.push(...found);
      if (found.length > 0) break;
    }
  }
}

function checkConfig(config: RunConfig, searched: readonly Axis[]): Problem[] {
  const parsed = v.safeParse(runConfigSchema, config);
  const where = (field: string) =>
    searched.some(({ path }) => field.startsWith(path)) ? `parameters.${field}` : field;
  if (!parsed.success) return problemsOf(parsed.issues).map((p) => ({ ...p, field: where(p.field) }));
  const rows = taskSize(config.task).rows;
  const train = trainRowCount(config.task);
  if (train >= 1 && train < rows) return [];
  const right = `a fraction that leaves at least 1 training and 1 test row of ${rows}`;
  return [problem(where('task.trainFraction'), config.task.trainFraction, right)];
}

function sized(spec: SweepSpec, axes: Axis[], seeds: Axis, problems: Problem[]): Sweep {
  const seedCount = axisCount(seeds) as number;
  if (spec.method === 'random' && spec.run_cap === undefined) {
    problems.push(problem('run_cap', undefined, 'is required for a random search'));
  }
  const all = axes.reduce((product, axis) => product * (axisCount(axis) ?? 1), 1);
  const wanted = spec.method === 'grid' ? all * seedCount : (spec.run_cap ?? 1);
  const runs = Math.min(wanted, spec.run_cap ?? wanted);
  if (runs > LIMITS.runsMax) {
    problems.push(problem('parameters', runs, `at most ${LIMITS.runsMax} runs (fewer values, or a run_cap)`));
  }
  const cells = spec.method === 'grid' ? Math.min(all, runs) : Math.ceil(runs / seedCount);
  return { spec, axes, seeds, seedCount, cells, runs };
}

/** Bounds from the most expensive value of every axis at once: cost grows with each of them. */
function checkCosts(sweep: Sweep, problems: Problem[]) {
  const largest = (axis: Axis) =>
    [...valuesToCheck(axis)].sort((a, b) => (typeof a === 'number' && typeof b === 'number' ? b - a : 0))[0];
  const base = baseConfig(sweep.spec);
  const worst = sweep.axes.reduce(
    (config, axis) => withValue(config, axis.path, largest(axis) as AxisValue),
    base,
  );
  const perRun = runCost(worst).flops;
  if (perRun > LIMITS.flopsPerRunMax) {
    problems.push(
      problem(
        'train.steps',
        worst.train.steps,
        `a run of at most ${LIMITS.flopsPerRunMax} floating-point operations (this one: ${perRun.toExponential(1)})`,
      ),
    );
  } else if (perRun * sweep.runs > LIMITS.flopsPerSweepMax) {
    problems.push(
      problem(
        'parameters',
        sweep.runs,
        `runs that cost at most ${LIMITS.flopsPerSweepMax} floating-point operations together`,
      ),
    );
  }
}
