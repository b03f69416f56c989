// What client and server say to each other: requests, replies, error codes, version. Limits are in limits.ts.

import * as v from 'valibot';
import { CHANNELS } from './curve.ts';
import { LIMITS, SWEEP_ID } from './limits.ts';
import { closed, plainText, sweepSpecSchema } from './spec/schema.ts';

/** Version of the messages. The server takes this one and the one before, and answers 426 to all others. */
export const VERSION = 1;
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
  'internal',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const nullable = <T extends v.GenericSchema>(schema: T) => v.nullable(schema);
const hex = (digits: number) =>
  v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${digits}}$`), `${digits} digits of 0-9 and a-f`));

export const sweepIdSchema = v.pipe(v.string(), v.regex(SWEEP_ID, 'the id of a sweep'));
const version = v.pipe(v.number('the protocol version'), v.integer('the protocol version'));

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

export const volunteerRequest = closed({ name: v.optional(plainText(LIMITS.nameMax)) });
export const volunteerReply = v.object({
  volunteerId: v.string(),
  token: v.string(),
  name: nullable(v.string()),
});

const finishedRun = closed({
  sweepId: sweepIdSchema,
  unit: count,
  run: count,
  /** Base64 of the curve's bytes (shared/curve.ts). */
  curve: v.pipe(v.string('base64'), v.maxLength(256 * 1024, 'at most 262144 characters of base64')),
  engine: plainText(40),
  engineVersion: plainText(40),
  elapsedMs: v.pipe(v.number(), v.finite('a finite number'), v.minValue(0, 'a number from 0')),
  /**
   * SHA-256 of the final weights, float32 little-endian, in the order of the graph's parameters; of no bytes where the
   * run diverged.
   */
  weightsDigest: hex(64),
});

const heldUnit = closed({ sweepId: sweepIdSchema, unit: count });

export const exchangeRequest = closed({
  version,
  deviceId: hex(32),
  /** Finished runs, oldest first. Repeating one is safe. */
  results: v.pipe(
    v.array(finishedRun),
    v.maxLength(LIMITS.resultsPerExchangeMax, `at most ${LIMITS.resultsPerExchangeMax} results`),
  ),
  /** False: only deliver. True: also ask for a unit; a device that holds one gets it again. */
  wantsUnit: v.boolean(),
  /** The unit this device believes it holds. */
  holds: nullable(heldUnit),
  /** A sweep to prefer. */
  prefers: nullable(sweepIdSchema),
  /** Floating-point operations per second, by the cost of the spec, that this device reaches. */
  flopsPerSecond: v.pipe(v.number(), v.finite('a finite number'), v.minValue(0, 'a number from 0')),
});

export const leaseSchema = v.object({
  sweepId: v.string(),
  unit: count,
  /** Indices of the runs that still lack a result. */
  runs: v.array(count),
  leaseMs: count,
  heartbeatMs: count,
  spec: sweepSpecSchema,
  sweepRuns: count,
});

export const exchangeReply = v.object({
  version,
  /** Verdicts on the results sent, in the same order. One without a verdict is to be kept and sent again. */
  verdicts: v.array(
    v.object({
      sweepId: v.string(),
      run: count,
      verdict: v.picklist(['accepted', 'unneeded', 'refused']),
      code: nullable(v.picklist(ERROR_CODES)),
      message: nullable(v.string()),
    }),
  ),
  lease: nullable(leaseSchema),
  /** When there is no unit: ask again in so many milliseconds. */
  askAgainMs: count,
  /** No lease, and no sweep has a run that still lacks a result. */
  allDone: v.boolean(),
});

export const heartbeatRequest = closed({ version, deviceId: hex(32), ...heldUnit.entries });
export const heartbeatReply = v.object({ leased: v.boolean(), leaseMs: count });
export const handBackRequest = closed({
  version,
  deviceId: hex(32),
  ...heldUnit.entries,
  /** The work went wrong; false: the volunteer chose to leave. */
  fault: v.boolean('true or false'),
  reason: plainText(200),
});
export const handBackReply = v.object({ ok: v.boolean() });

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
  state: v.picklist(['waiting', 'training', 'finished', 'failed']),
  milestones: nullable(milestonesSchema),
  engine: nullable(v.string()),
  engineVersion: nullable(v.string()),
  elapsedMs: wait,
  /** SHA-256 of the curve's bytes. */
  digest: nullable(v.string()),
  weightsDigest: nullable(v.string()),
  finishedAtMs: step,
  volunteer: nullable(v.string()),
});

export const curveSchema = v.object({
  run: count,
  steps: v.array(count),
  ...(Object.fromEntries(CHANNELS.map((channel) => [channel, v.array(v.number())])) as Record<
    (typeof CHANNELS)[number],
    v.ArraySchema<v.NumberSchema<undefined>, undefined>
  >),
});

export const sweepSummary = v.object({
  id: v.string(),
  name: v.string(),
  title: v.string(),
  researcher: v.string(),
  createdAtMs: count,
  runs: count,
  cells: count,
  finishedRuns: count,
  failedRuns: count,
  /** Floating-point operations of all runs together, as their graphs are written. */
  flops: v.number(),
});

export const sweepReply = v.object({
  sweep: v.object({
    ...sweepSummary.entries,
    description: nullable(v.string()),
    spec: sweepSpecSchema,
    /** SHA-256 of the normalised spec. */
    specDigest: v.string(),
    axes: v.array(v.object({ path: v.string(), count: nullable(count) })),
    /** Runs that a device is training now. */
    trainingRuns: count,
  }),
  cells: v.array(cellSchema),
  runs: v.array(runSchema),
  curves: v.array(curveSchema),
  /** First run that is not on this page; null on the last. */
  nextRun: nullable(count),
});

export const runReply = v.object({
  sweep: sweepSummary,
  run: runSchema,
  values: v.array(axisValueSchema),
  axes: v.array(v.string()),
  config: v.record(v.string(), v.any()),
  parameterCount: count,
  flopsPerStep: v.number(),
  curve: nullable(curveSchema),
});

export const postSweepReply = v.object({
  id: v.string(),
  created: v.boolean(),
  runs: count,
  cells: count,
  url: v.string(),
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
  contributors: v.array(v.object({ volunteer: v.string(), runs: count, credit: count })),
});

export const homeReply = v.object({
  sweeps: count,
  openSweeps: count,
  finishedRuns: count,
  plannedRuns: count,
  volunteers: count,
  /** Devices that hold a live lease. */
  devicesNow: count,
  /** The cell completed last, and one generalised run of it to draw; null before there is one. */
  finding: nullable(
    v.object({ ...boardRow.entries, task: v.string(), completedAtMs: count, run: nullable(count) }),
  ),
});

export type ErrorReply = v.InferOutput<typeof errorReply>;
export type FinishedRun = v.InferOutput<typeof finishedRun>;
export type HeldUnit = v.InferOutput<typeof heldUnit>;
export type ExchangeRequest = v.InferOutput<typeof exchangeRequest>;
export type ExchangeReply = v.InferOutput<typeof exchangeReply>;
export type Lease = v.InferOutput<typeof leaseSchema>;
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
