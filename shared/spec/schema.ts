// The sweep spec: what a researcher may say. One schema for both sides; every message says what would be right.

import * as v from 'valibot';
import { LIMITS } from '../limits.ts';
import { suggestion } from './problems.ts';

const integer = (min: number, max: number) => {
  const right = `a whole number from ${min} to ${max}`;
  return v.pipe(v.number(right), v.safeInteger(right), v.minValue(min, right), v.maxValue(max, right));
};

/** A finite number in [min, max]; an open end is written as `over` or `under`. */
const real = (bounds: { min?: number; over?: number; max?: number; under?: number }) => {
  const low = bounds.over === undefined ? `from ${bounds.min} to` : `over ${bounds.over} and`;
  const high =
    bounds.under === undefined
      ? `${bounds.over === undefined ? '' : 'at most '}${bounds.max}`
      : `under ${bounds.under}`;
  const right = `a number ${low} ${high}`;
  return v.pipe(
    v.number(right),
    v.finite(right),
    bounds.over === undefined ? v.minValue(bounds.min as number, right) : v.gtValue(bounds.over, right),
    bounds.under === undefined ? v.maxValue(bounds.max as number, right) : v.ltValue(bounds.under, right),
  );
};

const oneOf = <const T extends readonly string[]>(words: T) =>
  v.picklist(
    words,
    words.length === 1 ? `${words[0]} (the only choice so far)` : `one of ${words.join(', ')}`,
  );

/** An object without unknown keys. Its message tells a missing key from an unknown one, and suggests. */
export const closed = <const T extends v.ObjectEntries>(entries: T) =>
  v.strictObject(entries, (issue) => {
    const known = Object.keys(entries);
    if (issue.expected === 'never')
      return `unknown key; ${suggestion(String(issue.path?.at(-1)?.key), known)}`;
    if (issue.expected?.startsWith('"')) return 'is required';
    return `an object with ${known.join(', ')}`;
  });

/** Text for people: 1 to `max` characters, without control or text-direction characters. */
export const plainText = (max: number, min = 1) => {
  const right = `text of ${min} to ${max} characters without control characters`;
  return v.pipe(
    v.string(right),
    v.normalize('NFC'),
    v.trim(),
    v.minLength(min, right),
    v.maxLength(max, right),
    v.check(
      (text) =>
        !/[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u.test(
          text.replaceAll('\n', ''),
        ),
      right,
    ),
  );
};

const name = (() => {
  const right = 'a name of 1 to 40 characters of a-z, 0-9 and -';
  return v.pipe(v.string(right), v.regex(/^[a-z0-9-]{1,40}$/, right));
})();

const modular = closed({
  kind: v.optional(oneOf(['modular']), 'modular'),
  op: v.optional(oneOf(['add']), 'add'),
  p: integer(LIMITS.modulusMin, LIMITS.modulusMax),
  pairs: v.optional(oneOf(['unordered', 'ordered']), 'unordered'),
  diagonal: v.optional(v.boolean('true or false'), true),
  trainFraction: real({ over: 0, under: 1 }),
});

const embeddingMlp = closed({
  kind: v.optional(oneOf(['embedding-mlp']), 'embedding-mlp'),
  embedding: integer(1, LIMITS.widthMax),
  hidden: integer(1, LIMITS.widthMax),
  activation: v.optional(oneOf(['relu', 'gelu', 'tanh', 'quadratic']), 'relu'),
});

const adamw = closed({
  kind: v.optional(oneOf(['adamw']), 'adamw'),
  lr: real({ min: 1e-12, max: 10 }),
  weightDecay: v.optional(real({ min: 0, max: 100 }), 0),
  betas: v.optional(
    v.strictTuple([real({ min: 0, under: 1 }), real({ min: 0, under: 1 })], 'two numbers from 0 to under 1'),
    [0.9, 0.999],
  ),
  // Smaller ones are nothing in float32, and nothing divided by nothing is no number.
  eps: v.optional(real({ min: 1e-30, max: 1 }), 1e-8),
});

/** What one run needs besides its seed. */
const runEntries = {
  task: modular,
  model: embeddingMlp,
  init: v.optional(closed({ scale: v.optional(real({ min: 1e-6, max: 100 }), 1) }), {}),
  loss: v.optional(closed({ kind: v.optional(oneOf(['cross-entropy']), 'cross-entropy') }), {}),
  optimizer: adamw,
  train: closed({ steps: integer(1, LIMITS.stepsMax) }),
  threshold: v.optional(real({ over: 0, max: 1 }), 0.95),
};

export const runConfigSchema = closed(runEntries);

const scalar = v.union(
  [v.number(), v.string(), v.boolean(), v.array(v.number())],
  'a number, a word, true or false',
);

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

export const sweepSpecSchema = closed({
  name,
  title: plainText(LIMITS.titleMax),
  description: v.optional(plainText(LIMITS.descriptionMax)),
  ...runEntries,
  method: v.optional(oneOf(['grid', 'random']), 'grid'),
  parameters: v.optional(v.record(v.string(), axisSchema, 'an object of dotted paths'), {}),
  run_cap: v.optional(integer(1, LIMITS.runsMax)),
});

export type ModularTask = v.InferOutput<typeof modular>;
export type TaskSpec = ModularTask;
export type EmbeddingMlp = v.InferOutput<typeof embeddingMlp>;
export type ModelSpec = EmbeddingMlp;
export type AdamW = v.InferOutput<typeof adamw>;
export type RunConfig = v.InferOutput<typeof runConfigSchema>;
export type AxisSpec = v.InferOutput<typeof axisSchema>;
export type SweepSpec = v.InferOutput<typeof sweepSpecSchema>;
export type AxisValue = v.InferOutput<typeof scalar>;
