// The bytes of a result: one run's curve on the evaluation grid, little-endian.
//   magic "TGC1" | points u32 | divergedAt i32 (-1: it did not) | float32 [channels, points]

import { evaluationSteps } from './spec/evaluation-grid.ts';

export const CHANNELS = ['train.loss', 'train.accuracy', 'test.loss', 'test.accuracy'] as const;
export type Channel = (typeof CHANNELS)[number];

export interface Curve {
  /** Evaluated steps; the longest prefix of the evaluation grid with finite losses. */
  steps: number[];
  channels: Record<Channel, Float32Array>; // [points] each
  /** First evaluated step with a non-finite loss; null when there was none. */
  divergedAt: number | null;
}

const MAGIC = 0x31434754;
const HEADER_BYTES = 12;

/** Size of the curve of a run that does not diverge. */
export const curveBytes = (lastStep: number): number =>
  HEADER_BYTES + 4 * CHANNELS.length * evaluationSteps(lastStep).length;

export function encodeCurve({ steps, channels, divergedAt }: Curve): Uint8Array {
  const points = steps.length;
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + 4 * CHANNELS.length * points));
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, points, true);
  view.setInt32(8, divergedAt ?? -1, true);
  CHANNELS.forEach((channel, c) => {
    for (let i = 0; i < points; i++)
      view.setFloat32(HEADER_BYTES + 4 * (c * points + i), channels[channel][i] as number, true);
  });
  return new Uint8Array(view.buffer);
}

/** The curve as it was when the run stood at `step`. */
export function curveUpTo({ steps, channels, divergedAt }: Curve, step: number): Curve {
  const points = steps.filter((one) => one <= step).length;
  const cut = Object.fromEntries(CHANNELS.map((channel) => [channel, channels[channel].slice(0, points)]));
  return {
    steps: steps.slice(0, points),
    channels: cut as Curve['channels'],
    divergedAt: divergedAt !== null && divergedAt <= step ? divergedAt : null,
  };
}

/**
 * Reads a curve of a run of `lastStep` steps that stands at `upTo`, or says what is wrong with it. Never trusts a byte.
 */
export function decodeCurve(
  bytes: Uint8Array,
  lastStep: number,
  upTo = lastStep,
): { ok: true; curve: Curve } | { ok: false; wrong: string } {
  const wrong = (what: string) => ({ ok: false, wrong: what }) as const;
  if (bytes.length < HEADER_BYTES)
    return wrong(`a curve of at least ${HEADER_BYTES} bytes is needed, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) return wrong('not a curve: the first four bytes must be TGC1');
  const points = view.getUint32(4, true);
  const diverged = view.getInt32(8, true);
  const grid = evaluationSteps(lastStep).filter((step) => step <= upTo);
  const divergedAt = diverged === -1 ? null : diverged;
  const expected = divergedAt === null ? grid.length : grid.indexOf(divergedAt);
  if (expected < 0) return wrong(`divergedAt ${diverged} is not an evaluated step`);
  if (points !== expected) return wrong(`${points} points, but the evaluation grid has ${expected}`);
  if (bytes.length !== HEADER_BYTES + 4 * CHANNELS.length * points)
    return wrong(`${bytes.length} bytes do not hold ${points} points`);
  const channels = {} as Record<Channel, Float32Array>;
  for (const [c, channel] of CHANNELS.entries()) {
    const values = new Float32Array(points);
    const max = channel.endsWith('accuracy') ? 1 : Number.MAX_VALUE;
    for (let i = 0; i < points; i++) {
      const value = view.getFloat32(HEADER_BYTES + 4 * (c * points + i), true);
      if (!(value >= 0 && value <= max))
        return wrong(
          `${channel} at step ${grid[i]} is ${value}; it must be a number from 0 up to ${max === 1 ? 1 : 'any finite value'}`,
        );
      values[i] = value;
    }
    channels[channel] = values;
  }
  return { ok: true, curve: { steps: grid.slice(0, points), channels, divergedAt } };
}
