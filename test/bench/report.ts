// What the benchmark says about its measurements: medians, ratios and whether the targets were met. Pure.

import { aligned } from '../../shared/engine/describe.ts';

export type Form = 'as written' | 'rewritten';

/** An engine with some replicas of a workload, over all rounds. Times are medians of the rounds. */
export interface Measurement {
  workload: string;
  /** For example "ours webgpu" or "jax-js wasm". */
  engine: string;
  form: Form;
  replicas: number;
  /** Processor time of the whole process tree. */
  cpuMsPerReplicaStep: number;
  /** Largest less smallest round, as a share of the median. */
  spread: number;
  rounds: number;
  /** The next three are null where there is no graphics adapter at work. */
  dispatchesPerStep: number | null;
  /** Processor time of the page's main thread, and submissions, where dispatches have no workgroups and so take no time. */
  hostMsPerStep: number | null;
  submissionsPerStep: number | null;
  replicaStepsPerSecond: number;
  /** Floating-point operations per second, by the plan. */
  gflops: number;
  /** Milliseconds of each dispatch of a step by the adapter's own clock; null where there is none to ask. */
  dispatchMs: number[] | null;
  /** Training loss of the first replica after the first few steps. */
  loss: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] as number)) / 2;
}

/** Largest less smallest, as a share of the median. */
export const spreadOf = (values: readonly number[]): number =>
  values.length < 2 ? 0 : (Math.max(...values) - Math.min(...values)) / median(values);

/** Losses after the same steps from the same weights differ by rounding only; by more, something else was measured. */
export const LOSS_TOLERANCE = 1e-4;

/** A line for every engine of a workload whose loss is not that of the first one. */
export function disagreements(measurements: readonly Measurement[]): string[] {
  const [first, ...others] = measurements;
  if (!first) return [];
  return others
    .filter(({ loss }) => !(Math.abs(loss - first.loss) <= LOSS_TOLERANCE * Math.abs(first.loss)))
    .map((m) => `DISAGREES: ${nameOf(m)} has loss ${m.loss}, ${nameOf(first)} has ${first.loss}`);
}

const nameOf = ({ engine, form, replicas }: Measurement) => `${engine} ${form}, R = ${replicas}`;

/** A row for each measurement; "times ours" compares with ours on the same kind of device, replicas alike if possible. */
export function tableLines(measurements: readonly Measurement[]): string[] {
  const head = [
    'engine',
    'form',
    'R',
    'CPU-ms',
    'spread',
    'times ours',
    'dispatches',
    'host ms',
    'submits',
    'steps/s',
  ];
  const rows = measurements.map((m) => {
    const ours = rivalOf(m, measurements);
    return [
      m.engine,
      m.form,
      `${m.replicas}`,
      digits(m.cpuMsPerReplicaStep),
      `${Math.round(100 * m.spread)} %`,
      ours ? digits(m.cpuMsPerReplicaStep / ours.cpuMsPerReplicaStep) : '',
      m.dispatchesPerStep === null ? '' : digits(m.dispatchesPerStep),
      m.hostMsPerStep === null ? '' : digits(m.hostMsPerStep),
      m.submissionsPerStep === null ? '' : digits(m.submissionsPerStep),
      digits(m.replicaStepsPerSecond),
    ];
  });
  return aligned([head, ...rows]);
}

function rivalOf({ engine, replicas }: Measurement, all: readonly Measurement[]): Measurement | undefined {
  const device = engine.endsWith('webgpu') ? 'webgpu' : 'wasm';
  const ours = all.filter((m) => m.engine === `ours ${device}`);
  return ours.find((m) => m.replicas === replicas) ?? ours[0];
}

export const digits = (n: number): string => String(Number(n.toPrecision(3)));

interface Target {
  words: string;
  /** What is measured: met when it is at least, or at most, so much. */
  least?: number;
  most?: number;
  unit: string;
  value: (find: Find) => number;
}

type Find = (engine: string, form: Form, replicas: number) => Measurement;

const cpu = (m: Measurement) => m.cpuMsPerReplicaStep;
const host = (m: Measurement) => m.hostMsPerStep ?? Number.NaN;

/** Those of the engine's design that need no graphics card; all are about W1. */
const TARGETS: readonly Target[] = [
  {
    words: 'ours webgpu against tfjs webgpu as written, R = 1',
    least: 100,
    unit: 'x',
    value: (of) => cpu(of('tfjs webgpu', 'as written', 1)) / cpu(of('ours webgpu', 'rewritten', 1)),
  },
  {
    words: 'ours webgpu against jax-js webgpu rewritten, R = 16',
    least: 2,
    unit: 'x',
    value: (of) => cpu(of('jax-js webgpu', 'rewritten', 16)) / cpu(of('ours webgpu', 'rewritten', 16)),
  },
  {
    words: 'dispatches per step, ours webgpu, R = 1',
    most: 4.2,
    unit: '',
    value: (of) => of('ours webgpu', 'rewritten', 1).dispatchesPerStep ?? Number.NaN,
  },
  {
    words: 'submissions per step, ours webgpu, R = 1',
    most: 0.05,
    unit: '',
    value: (of) => of('ours webgpu', 'rewritten', 1).submissionsPerStep ?? Number.NaN,
  },
  {
    words: 'host time per step, ours webgpu, R = 1',
    most: 0.05,
    unit: ' CPU-ms',
    value: (of) => host(of('ours webgpu', 'rewritten', 1)),
  },
  {
    words: 'host time against tfjs webgpu as written, R = 1',
    least: 150,
    unit: 'x',
    value: (of) => host(of('tfjs webgpu', 'as written', 1)) / host(of('ours webgpu', 'rewritten', 1)),
  },
  {
    words: 'ours wasm against PyTorch as written, one core',
    least: 14,
    unit: 'x',
    value: (of) => cpu(of('PyTorch', 'as written', 1)) / cpu(of('ours wasm', 'rewritten', 1)),
  },
  {
    words: 'ours wasm against PyTorch rewritten, one core',
    least: 1.8,
    unit: 'x',
    value: (of) => cpu(of('PyTorch', 'rewritten', 1)) / cpu(of('ours wasm', 'rewritten', 1)),
  },
  {
    words: 'ours wasm against tfjs wasm as written',
    least: 140,
    unit: 'x',
    value: (of) => cpu(of('tfjs wasm', 'as written', 1)) / cpu(of('ours wasm', 'rewritten', 1)),
  },
  {
    words: 'ours wasm against jax-js wasm rewritten',
    least: 25,
    unit: 'x',
    value: (of) => cpu(of('jax-js wasm', 'rewritten', 1)) / cpu(of('ours wasm', 'rewritten', 1)),
  },
];

/** "ours wasm against ...: target >= 140x, measured 151x: met", or "not measured" where a side is missing. */
export function targetLines(measurements: readonly Measurement[]): string[] {
  return TARGETS.map(({ words, least, most, unit, value }) => {
    const target = least === undefined ? `<= ${most}${unit}` : `>= ${least}${unit}`;
    try {
      const measured = value((engine, form, replicas) => {
        const found = measurements.find(
          (m) => m.workload === 'W1' && m.engine === engine && m.form === form && m.replicas === replicas,
        );
        if (!found) throw new Missing();
        return found;
      });
      const isMet = least === undefined ? measured <= (most as number) : measured >= least;
      return `${words}: target ${target}, measured ${digits(measured)}${unit}: ${isMet ? 'met' : 'missed'}`;
    } catch (error) {
      if (error instanceof Missing) return `${words}: target ${target}, not measured`;
      throw error;
    }
  });
}

class Missing extends Error {}
