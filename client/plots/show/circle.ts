// The residues as points in the plane, seen along the two directions of one frequency: when a network has learnt to add
// on a circle, this is the circle.

import { circleOf, fourierAt } from '../../../shared/measures/spectrum.ts';
import { type Spectrum, strongest } from './spectrum.ts';

export interface CirclePicture {
  p: number;
  /** 1 to p / 2. */
  frequency: number;
  /** The share of all power that it has, 0 to 1. */
  share: number;
  /** Whether that is so much more than others have that its circle is more than what any noise projects to. */
  standsOut: boolean;
  /** x and y of each residue; their mean square distance from the middle is 1, or 0 where nothing swings. */
  points: Float64Array; // [p, 2]
  /** Standard deviation of the distance from the middle as a share of its mean: 0 on a perfect circle. */
  spread: number;
}

/** Another frequency is shown only where it has so much more power: the picture would flicker between equals. */
const CLEARLY = 1.25;

/**
 * Projects residues onto the cosine and the sine of the strongest frequency, made orthonormal: residue 0 of a circle is
 * at its right, however the network turned it. After a picture of as many residues it stays with its frequency while
 * that is about the strongest.
 */
export function circlePicture(
  neurons: readonly ArrayLike<number>[],
  spectrum: Spectrum,
  before: CirclePicture | null,
): CirclePicture {
  const p = neurons[0]?.length ?? 0;
  const last = before?.p === p ? before : null;
  const frequency = frequencyOf(spectrum, last);
  const points = projected(neurons, frequency, p);
  normalise(points);
  const share = spectrum.total[frequency - 1] ?? 0;
  const standsOut = share >= 2 / (spectrum.frequencies + 1);
  return { p, frequency, share, standsOut, points, spread: spreadOf(points) };
}

function frequencyOf({ total }: Spectrum, last: CirclePicture | null): number {
  const best = strongest(total);
  const kept = last ? (total[last.frequency - 1] ?? 0) : 0;
  return last && best.share <= CLEARLY * kept ? last.frequency : best.frequency;
}

/** [p, 2] */
function projected(neurons: readonly ArrayLike<number>[], frequency: number, p: number): Float64Array {
  const circle = circleOf(p);
  const parts = neurons.map((neuron) => fourierAt(finite(neuron), frequency, circle));
  const cosine = unit(parts.map(([real]) => real));
  const raw = parts.map(([, imaginary]) => imaginary);
  const along = dot(raw, cosine);
  // A remnant of rounding is no direction.
  const rest = raw.map((x, i) => x - along * (cosine[i] as number));
  const sine = dot(rest, rest) > 1e-18 * dot(raw, raw) ? unit(rest) : rest.map(() => 0);
  const points = new Float64Array(2 * p);
  neurons.forEach((neuron, n) => {
    const weights = finite(neuron);
    const mean = weights.reduce((sum, w) => sum + w, 0) / p;
    for (let a = 0; a < p; a++) {
      const w = (weights[a] as number) - mean;
      points[2 * a] = (points[2 * a] as number) + w * (cosine[n] as number);
      points[2 * a + 1] = (points[2 * a + 1] as number) + w * (sine[n] as number);
    }
  });
  return points;
}

const finite = (values: ArrayLike<number>) => Float64Array.from(values, (w) => (Number.isFinite(w) ? w : 0));

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

function unit(vector: readonly number[]): number[] {
  const length = Math.sqrt(dot(vector, vector));
  return vector.map((x) => (length > 0 ? x / length : 0));
}

function normalise(points: Float64Array): void {
  const scale = Math.sqrt((2 * points.reduce((sum, x) => sum + x * x, 0)) / points.length);
  if (scale > 0) points.set(points.map((x) => x / scale));
}

function spreadOf(points: Float64Array): number {
  const radii = Array.from({ length: points.length / 2 }, (_, a) =>
    Math.hypot(points[2 * a] as number, points[2 * a + 1] as number),
  );
  const mean = radii.reduce((sum, r) => sum + r, 0) / radii.length;
  const variance = radii.reduce((sum, r) => sum + (r - mean) * (r - mean), 0) / radii.length;
  return mean > 0 ? Math.sqrt(variance) / mean : Number.POSITIVE_INFINITY;
}

/** Between "no circle" and "a circle" the residues begin to form one. */
const CIRCLE = 0.15;
const BEGINNING = 0.35;

/**
 * Along directions that were chosen from the weights themselves even noise of many neurons projects to a ring: it counts
 * as one only where its frequency stands out.
 */
export const shapeOf = ({ spread, standsOut }: CirclePicture): 'circle' | 'beginning' | 'none' => {
  if (!standsOut || spread >= BEGINNING) return 'none';
  return spread < CIRCLE ? 'circle' : 'beginning';
};

/** The residues as they follow each other on the circle of a frequency: by (frequency * residue) mod p. */
export const around = (p: number, frequency: number): number[] =>
  Array.from({ length: p }, (_, a) => a).sort(
    (a, b) => phaseOf(a, p, frequency) - phaseOf(b, p, frequency) || a - b,
  );

export const phaseOf = (residue: number, p: number, frequency: number): number => (residue * frequency) % p;

/** Points on the straight way from some to others, by a share of it from 0 to 1. */
export const between = (from: Float64Array, to: Float64Array, share: number): Float64Array =>
  from.length === to.length ? to.map((x, i) => (1 - share) * (from[i] as number) + share * x) : to;
