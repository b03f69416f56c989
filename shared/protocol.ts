// What client and server say to each other: requests, replies, error codes, version. Limits are in limits.ts.

import * as v from 'valibot';
import { CHANNELS } from './curve.ts';
import { LIMITS, SWEEP_ID } from './limits.ts';
import { closed, plainText } from './spec/fields.ts';
import { PHENOMENA } from './spec/phenomena.ts';
import { sweepSpecSchema } from './spec/schema.ts';

/** Version of the messages. The server takes this one and the one before, and answers 426 to all others. */
export const VERSION = 2;
/** Version of the product, as /api/health tells it. */
export const RELEASE = '0.1.0';

export const ERROR_CODES = [
  'bad-request',
  'bad-spec',
  'too-large',
  'unauthorized',
  'not-found',
  'version',
  'too-many',
  'busy',
  'no-such-lease',
  'run-not-in-unit',
  'bad-result',
  'bad-checkpoint',
  'bad-dataset',
  'forbidden',
  'internal',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const whole = (min: number, max: number) => {
  const right = `a whole number from ${min} to ${max}`;
  return v.pipe(v.number(right), v.integer(right), v.minValue(min, right), v.maxValue(max, right));
};
export const nullable = <T extends v.GenericSchema>(schema: T) => v.nullable(schema);
export const hex = (digits: number) =>
  v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${digits}}$`), `${digits} digits of 0-9 and a-f`));

export const sweepIdSchema = v.pipe(v.string(), v.regex(SWEEP_ID, 'the id of a sweep'));
export const version = v.pipe(v.number('the protocol version'), v.integer('the protocol version'));

export const errorReply = v.object({
  error: v.object({
    code: v.picklist(ERROR_CODES),
    message: v.string(),
    problems: v.optional(
      v.array(
        v.object({
          field: v.string(),
          value: nullable(v.string()),
          expected: v.string(),
          line: v.optional(count),
        }),
      ),
    ),
  }),
});

export const healthReply = v.object({ ok: v.boolean(), version: v.string() });

// Volunteers

/** What people and teams call themselves: plain text on one line, of which something can be seen. */
export const nameOfSomebody = v.pipe(
  plainText(LIMITS.nameMax),
  v.check((text) => !text.includes('\n'), 'text on one line'),
  v.check((text) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text), 'text with a letter, a number or a sign'),
);

export const volunteerRequest = closed({
  name: v.optional(nameOfSomebody),
  /** Made up and kept by the device before it asks: asking again with it gives the same volunteer. */
  nonce: v.optional(hex(32)),
});
export const volunteerReply = v.object({
  volunteerId: v.string(),
  token: v.string(),
  name: nullable(v.string()),
});

// Results

const step = nullable(count);
const wait = nullable(v.number());

export const milestonesSchema = v.object({
  tMem: step,
  tGen: step,
  tau: wait,
  censoredAt: step,
  divergedAt: step,
  finalTrainAccuracy: wait,
  finalTestAccuracy: wait,
});

const median = v.object({ median: wait, lower: wait, upper: wait });

export const aggregateSchema = v.object({
  n: count,
  memorised: count,
  generalised: count,
  diverged: count,
  censored: count,
  lastStep: count,
  tGen: median,
  tMem: median,
  tGenMin: step,
  tGenMax: step,
});

const axisValueSchema = v.union([v.number(), v.string(), v.boolean(), v.array(v.number())]);

export const cellSchema = v.object({
  cell: count,
  /** Values of the searched parameters, in the order of the sweep's axes. */
  values: v.array(axisValueSchema),
  /** Runs planned for the cell. */
  runs: count,
  aggregate: aggregateSchema,
});

export const runSchema = v.object({
  index: count,
  cell: count,
  seed: count,
  state: v.picklist(['waiting', 'training', 'finished', 'failed', 'cancelled']),
  /** How far an unfinished run is, by what was accepted of it. */
  step: step,
  milestones: nullable(milestonesSchema),
  engine: nullable(v.string()),
  engineVersion: nullable(v.string()),
  elapsedMs: wait,
  /** SHA-256 of the curve's bytes. */
  digest: nullable(v.string()),
  weightsDigest: nullable(v.string()),
  finishedAtMs: step,
  /** Who delivered the last segment. */
  volunteer: nullable(v.string()),
  /** Segments it was trained in, by as many volunteers in turn. */
  segments: count,
});

export const curveSchema = v.object({
  run: count,
  steps: v.array(count),
  ...(Object.fromEntries(CHANNELS.map((channel) => [channel, v.array(v.number())])) as Record<
    (typeof CHANNELS)[number],
    v.ArraySchema<v.NumberSchema<undefined>, undefined>
  >),
  /** Of a run with a programme, a stop or measures: its parts that train, each with its steps. */
  windows: v.optional(v.array(v.object({ phase: nullable(count), from: count, to: count }))),
  /** The step at which each part stopped early; null where it did not. */
  stops: v.optional(v.array(nullable(count))),
  /** What was measured besides: a row of values for each column, null where a measure is not defined. */
  measured: v.optional(
    v.object({
      steps: v.array(count),
      columns: v.array(v.string()),
      values: v.array(v.array(nullable(v.number()))),
    }),
  ),
});

export const sweepSummary = v.object({
  id: v.string(),
  name: v.string(),
  title: v.string(),
  researcher: v.string(),
  createdAtMs: count,
  runs: count,
  cells: count,
  /** Runs it had when it was posted. */
  postedRuns: count,
  /** When runs were last added; null while never. */
  grownAtMs: step,
  finishedRuns: count,
  failedRuns: count,
  /** Paused and cancelled sweeps hand out no work. */
  mode: v.picklist(['running', 'paused', 'cancelled']),
  /** Among the sweeps of one researcher: 1 to 3, a share of their work in this proportion. */
  priority: count,
  /** What it is about, as its spec says or suggests. */
  phenomenon: v.picklist(PHENOMENA),
  /** Floating-point operations of all runs together, as their graphs are written. */
  flops: v.number(),
});

export const sweepReply = v.object({
  sweep: v.object({
    ...sweepSummary.entries,
    description: nullable(v.string()),
    spec: sweepSpecSchema,
    /** SHA-256 of the normalised spec as it was posted, before any growth. */
    specDigest: v.string(),
    axes: v.array(v.object({ path: v.string(), count: nullable(count) })),
    /** Runs that a device is training now. */
    trainingRuns: count,
    /** Units that were given up, and why; at most the first hundred. */
    failed: v.array(
      v.object({
        runs: v.array(count),
        /** As the volunteers gave them who tried last, most frequent first. */
        reasons: v.array(v.object({ reason: v.string(), volunteers: count })),
      }),
    ),
  }),
  cells: v.array(cellSchema),
  runs: v.array(runSchema),
  curves: v.array(curveSchema),
  /** Unfinished runs, as far as their devices have told or parts of them were accepted; not results yet. */
  live: v.array(curveSchema),
  /** First run that is not on this page; null on the last. */
  nextRun: nullable(count),
});

export const runReply = v.object({
  sweep: sweepSummary,
  run: runSchema,
  values: v.array(axisValueSchema),
  axes: v.array(v.string()),
  /** The runs it takes something from, and which of their snapshots; absent where it takes nothing. */
  parents: v.optional(v.array(v.object({ run: count, snapshot: v.string() }))),
  config: v.record(v.string(), v.any()),
  parameterCount: count,
  flopsPerStep: v.number(),
  curve: nullable(curveSchema),
  /** What was accepted of an unfinished run: no result yet. */
  partial: nullable(curveSchema),
  /** Why it was given up, in the words of the devices, and how many volunteers said so. */
  reasons: v.array(v.object({ reason: v.string(), volunteers: count })),
});

export const postSweepReply = v.object({
  id: v.string(),
  created: v.boolean(),
  runs: count,
  cells: count,
  url: v.string(),
});
/** What a researcher may change while volunteers work; all of it may be repeated. Runs are only ever added. */
export const sweepChange = closed({
  mode: v.optional(v.picklist(['running', 'paused', 'cancelled'], 'running, paused or cancelled')),
  /** Hands out again what was given up. */
  retry: v.optional(v.literal(true, 'true')),
  priority: v.optional(whole(1, 3)),
  /** As many runs as the sweep should have. */
  run_cap: v.optional(whole(1, LIMITS.runsMax)),
  /** As many seeds as every configuration should have. */
  seeds: v.optional(whole(1, LIMITS.runsMax)),
});
/** GET /api/sweeps/:id/data: the curves of a sweep as Parquet files that never change, readable in ranges over HTTP. */
export const dataReply = v.object({
  parts: v.array(
    v.object({
      /** Path on this server. */
      url: v.string(),
      /** How many runs it holds, and rows: one per run and evaluated step. */
      runs: count,
      rows: count,
      bytes: count,
      sha256: v.string(),
    }),
  ),
  /** Finished runs that are in no part yet. */
  pendingRuns: count,
});
export const sweepsReply = v.object({ sweeps: v.array(sweepSummary) });

const boardRow = v.object({
  sweepId: v.string(),
  title: v.string(),
  cell: count,
  label: v.string(),
  runs: count,
  aggregate: aggregateSchema,
});

export const boardsReply = v.object({
  /** One board per learning problem and threshold; rows by median tGen, cells without one last. */
  boards: v.array(v.object({ task: v.string(), rows: v.array(boardRow) })),
});

export const homeReply = v.object({
  sweeps: count,
  openSweeps: count,
  finishedRuns: count,
  /** Finished ones, and those that may still be. */
  plannedRuns: count,
  volunteers: count,
  /** Devices that hold a live lease. */
  devicesNow: count,
  /** The cell completed last, and one generalised run of it to draw; null before there is one. */
  finding: nullable(
    v.object({ ...boardRow.entries, task: v.string(), completedAtMs: count, run: nullable(count) }),
  ),
});

const checked = v.object({ sweeps: count, runs: count, curves: count });

export const statusReply = v.object({
  version: v.string(),
  sweeps: count,
  openSweeps: count,
  finishedRuns: count,
  failedRuns: count,
  devicesNow: count,
  /** The newest hourly checks of what is stored against the promises, newest first. */
  audits: v.array(
    v.object({
      atMs: count,
      tookMs: count,
      checked,
      /** What was found broken, in words; empty when every promise held. */
      problems: v.array(v.string()),
    }),
  ),
});

export type SweepChange = v.InferOutput<typeof sweepChange>;
export type StatusReply = v.InferOutput<typeof statusReply>;
export type DataReply = v.InferOutput<typeof dataReply>;
export type ErrorReply = v.InferOutput<typeof errorReply>;
export type SweepSummary = v.InferOutput<typeof sweepSummary>;
export type SweepReply = v.InferOutput<typeof sweepReply>;
export type CellReply = v.InferOutput<typeof cellSchema>;
export type RunSummary = v.InferOutput<typeof runSchema>;
export type CurveReply = v.InferOutput<typeof curveSchema>;
export type RunReply = v.InferOutput<typeof runReply>;
export type PostSweepReply = v.InferOutput<typeof postSweepReply>;
export type BoardsReply = v.InferOutput<typeof boardsReply>;
export type HomeReply = v.InferOutput<typeof homeReply>;
export type VolunteerReply = v.InferOutput<typeof volunteerReply>;
