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

/** One of several sections told apart by `kind`; the first is meant where no kind is named. */
const byKind = <const T extends v.VariantOptions<'kind'>>(...schemas: T) => {
  const kinds = schemas.flatMap((schema) => kindsOf(schema));
  const right = `an object whose kind is one of ${kinds.join(', ')}`;
  return v.variant('kind', schemas as unknown as T, ({ received, expected }) =>
    expected === 'Object' || received === 'undefined' ? right : `one of ${kinds.join(', ')}`,
  );
};

/** The kinds a section's schema is for. */
export function kindsOf(schema: unknown): string[] {
  const { kind } = (schema as { entries: { kind: { options?: string[]; wrapped?: { options: string[] } } } })
    .entries;
  return kind.options ?? kind.wrapped?.options ?? [];
}

const modular = closed({
  kind: v.optional(oneOf(['modular']), 'modular'),
  op: v.optional(oneOf(['add']), 'add'),
  p: integer(LIMITS.modulusMin, LIMITS.modulusMax),
  pairs: v.optional(oneOf(['unordered', 'ordered']), 'unordered'),
  diagonal: v.optional(v.boolean('true or false'), true),
  trainFraction: real({ over: 0, under: 1 }),
});

const parity = closed({
  kind: oneOf(['parity']),
  bits: integer(2, 40),
  /** How many of the bits decide. */
  relevant: integer(1, 40),
  trainRows: integer(1, LIMITS.rowsMax),
  testRows: integer(1, LIMITS.rowsMax),
});

const width = integer(1, LIMITS.widthMax);
const flag = (preset: boolean) => v.optional(v.boolean('true or false'), preset);
const activation = v.optional(oneOf(['relu', 'gelu', 'tanh', 'quadratic']), 'relu');

const embeddingMlp = closed({
  kind: v.optional(oneOf(['embedding-mlp']), 'embedding-mlp'),
  embedding: width,
  hidden: width,
  activation,
  combine: v.optional(oneOf(['sum', 'concat']), 'sum'),
});

const layersRight = `a list of at most ${LIMITS.layersMax} widths, one for each hidden layer`;

const mlp = closed({
  kind: oneOf(['mlp']),
  hidden: v.pipe(v.array(width, layersRight), v.maxLength(LIMITS.layersMax, layersRight)),
  activation,
  bias: flag(true),
});

const transformer = closed({
  kind: oneOf(['transformer']),
  layers: v.optional(integer(1, 2), 1),
  embedding: width,
  heads: v.optional(integer(1, LIMITS.headsMax), 1),
  mlp: width,
  activation,
  positional: flag(false),
  layerNorm: flag(false),
  bias: flag(false),
  causal: flag(true),
  attentionScale: flag(true),
});

const lr = real({ min: 1e-12, max: 10 });
const weightDecay = v.optional(real({ min: 0, max: 100 }), 0);
const momentum = () => real({ min: 0, under: 1 });

const adamEntries = {
  lr,
  weightDecay,
  betas: v.optional(v.strictTuple([momentum(), momentum()], 'two numbers from 0 to under 1'), [0.9, 0.999]),
  // Smaller ones are nothing in float32, and nothing divided by nothing is no number.
  eps: v.optional(real({ min: 1e-30, max: 1 }), 1e-8),
};

/** Weight decay apart from the gradient (Loshchilov and Hutter 2019). */
const adamw = closed({ kind: v.optional(oneOf(['adamw']), 'adamw'), ...adamEntries });
/** Weight decay as part of the gradient (L2). */
const adam = closed({ kind: oneOf(['adam']), ...adamEntries });

const sgd = closed({
  kind: oneOf(['sgd']),
  lr,
  momentum: v.optional(momentum(), 0),
  weightDecay,
  /** Whether weight decay is part of the gradient (coupled, PyTorch's) or apart from it. */
  decay: v.optional(oneOf(['coupled', 'decoupled']), 'coupled'),
});

/** What one run needs besides its seed. */
const runEntries = {
  task: byKind(modular, parity),
  model: byKind(embeddingMlp, mlp, transformer),
  init: v.optional(closed({ scale: v.optional(real({ min: 1e-6, max: 100 }), 1) }), {}),
  loss: v.optional(
    closed({ kind: v.optional(oneOf(['cross-entropy', 'squared-error']), 'cross-entropy') }),
    {},
  ),
  optimizer: byKind(adamw, adam, sgd),
  /** Without `batch`, every step sees the whole training set. */
  train: closed({ steps: integer(1, LIMITS.stepsMax), batch: v.optional(integer(1, LIMITS.rowsMax)) }),
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
export type ParityTask = v.InferOutput<typeof parity>;
export type TaskSpec = ModularTask | ParityTask;
export type EmbeddingMlp = v.InferOutput<typeof embeddingMlp>;
export type Mlp = v.InferOutput<typeof mlp>;
export type Transformer = v.InferOutput<typeof transformer>;
export type ModelSpec = EmbeddingMlp | Mlp | Transformer;
export type AdamW = v.InferOutput<typeof adamw>;
export type Adam = v.InferOutput<typeof adam>;
export type Sgd = v.InferOutput<typeof sgd>;
export type OptimizerSpec = AdamW | Adam | Sgd;
export type Loss = RunConfig['loss']['kind'];
export type RunConfig = v.InferOutput<typeof runConfigSchema>;
export type AxisSpec = v.InferOutput<typeof axisSchema>;
export type SweepSpec = v.InferOutput<typeof sweepSpecSchema>;
export type AxisValue = v.InferOutput<typeof scalar>;
