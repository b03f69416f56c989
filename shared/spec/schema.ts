// The sweep spec: what a researcher may say. One schema for both sides; every message says what would be right.

import * as v from 'valibot';
import { LIMITS } from '../limits.ts';
import { MEASURES } from '../measures/registry.ts';
import { TASKS } from '../tasks/registry.ts';
import { byKind, closed, integer, name, oneOf, plainText, real, scalar } from './fields.ts';
import { modelSchema } from './networks.ts';
import { optimizerSchema } from './optimizers.ts';
import { programmeSchema, stop } from './phases.ts';
import { PHENOMENA } from './phenomena.ts';

const taskSchema = byKind(...Object.values(TASKS).map(({ schema }) => schema));
const measureSchema = byKind(...Object.values(MEASURES).map(({ schema }) => schema));

const measuresRight = `a list of 1 to ${LIMITS.measuresMax} measures`;

/** What is measured besides losses and accuracies, on a cadence of its own. */
const measures = closed({
  list: v.pipe(
    v.array(measureSchema, measuresRight),
    v.minLength(1, measuresRight),
    v.maxLength(LIMITS.measuresMax, measuresRight),
  ),
  /** Every so many steps of a phase, and at both its ends. */
  every: v.optional(integer(1, LIMITS.stepsMax)),
  /** Or so many times in a phase, spread like the evaluations: mostly early. */
  points: v.optional(integer(2, LIMITS.measuredPointsMax)),
});

/** What one run needs besides its seed. */
const runEntries = {
  task: taskSchema,
  model: modelSchema,
  init: v.optional(closed({ scale: v.optional(real({ min: 1e-6, max: 100 }), 1) }), {}),
  loss: v.optional(
    closed({ kind: v.optional(oneOf(['cross-entropy', 'squared-error']), 'cross-entropy') }),
    {},
  ),
  optimizer: optimizerSchema,
  /** Without `batch`, every step sees the whole training set. Where there is a programme, its phases say the steps. */
  train: closed({
    steps: integer(1, LIMITS.stepsMax),
    batch: v.optional(integer(1, LIMITS.rowsMax)),
    stop: v.optional(stop),
  }),
  threshold: v.optional(real({ over: 0, max: 1 }), 0.95),
  /** Which of the programmes a run follows; without programmes it is trained once. */
  programme: v.optional(name),
  programmes: v.optional(v.record(name, programmeSchema, 'an object of programmes by name')),
  measures: v.optional(measures),
};

export const runConfigSchema = closed(runEntries);

/** One searched parameter, in the grammar of W&B sweeps. */
const axisSchema = closed({
  value: v.optional(scalar),
  values: v.optional(
    v.pipe(
      v.array(scalar, 'a list of values'),
      v.minLength(1, 'at least one value'),
      v.maxLength(LIMITS.axisValuesMax, `at most ${LIMITS.axisValuesMax} values`),
    ),
  ),
  min: v.optional(v.pipe(v.number('a number'), v.finite('a finite number'))),
  max: v.optional(v.pipe(v.number('a number'), v.finite('a finite number'))),
  distribution: v.optional(oneOf(['uniform', 'log_uniform_values', 'int_uniform'])),
});

export const seedSchema = integer(0, 0xffffffff);

/** Where an experiment comes from and what was claimed there. A claim is text, never data. */
const about = closed({
  /** Its row in the catalogue of experiments. */
  row: v.optional(plainText(20)),
  source: plainText(300),
  claim: plainText(1000),
  /** What is known to be wrong or unclear in the source. */
  flags: v.optional(v.pipe(v.array(plainText(600)), v.maxLength(8, 'at most 8 flags'))),
});

export const sweepSpecSchema = closed({
  name,
  title: plainText(LIMITS.titleMax),
  description: v.optional(plainText(LIMITS.descriptionMax)),
  about: v.optional(about),
  /** What it is about, where that is not what its programmes and its task suggest. */
  phenomenon: v.optional(oneOf(PHENOMENA)),
  ...runEntries,
  method: v.optional(oneOf(['grid', 'random']), 'grid'),
  parameters: v.optional(v.record(v.string(), axisSchema, 'an object of dotted paths'), {}),
  run_cap: v.optional(integer(1, LIMITS.runsMax)),
});

export type TaskSpec = v.InferOutput<typeof taskSchema>;
export type MeasureSpec = v.InferOutput<typeof measureSchema>;
export type Loss = RunConfig['loss']['kind'];
export type RunConfig = v.InferOutput<typeof runConfigSchema>;
export type AxisSpec = v.InferOutput<typeof axisSchema>;
export type SweepSpec = v.InferOutput<typeof sweepSpecSchema>;
export type AxisValue = v.InferOutput<typeof scalar>;
