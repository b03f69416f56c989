// At which frequencies of the residue the weights of each neuron swing.

import { circleOf, frequenciesOf, powersOf } from '../../../shared/measures/spectrum.ts';

export interface Spectrum {
  /** 1 to p / 2. */
  frequencies: number;
  /** The share of its power that each neuron has at each frequency, from frequency 1 on; 0 where it has none at all. */
  shares: Float64Array[]; // [neurons] of [frequencies]
  /** The share of the power of all neurons together. */
  total: Float64Array; // [frequencies]
  /** The neurons by their strongest frequency, and within one the purest first. */
  order: number[];
}

/** Weights of neurons as functions of the residue 0 to p - 1; what is not finite counts as 0. */
export function spectrumOf(neurons: readonly ArrayLike<number>[], p: number): Spectrum {
  const circle = circleOf(p);
  const frequencies = frequenciesOf(p);
  const total = new Float64Array(frequencies);
  const shares = neurons.map((neuron) => {
    const finite = Float64Array.from(neuron, (w) => (Number.isFinite(w) ? w : 0));
    const powers = powersOf(finite, circle).subarray(1);
    powers.forEach((power, i) => {
      total[i] = (total[i] as number) + power;
    });
    return sharesOf(powers);
  });
  const peaks = shares.map(strongest);
  const order = neurons
    .map((_, i) => i)
    .sort((a, b) => {
      const [x, y] = [peaks[a] as Peak, peaks[b] as Peak];
      return x.frequency - y.frequency || y.share - x.share || a - b;
    });
  return { frequencies, shares, total: sharesOf(total), order };
}

export interface Peak {
  frequency: number;
  /** 0 to 1. */
  share: number;
}

/** The frequency with the largest share; the first of equals. */
export function strongest(shares: ArrayLike<number>): Peak {
  let best = 0;
  for (let i = 1; i < shares.length; i++) if ((shares[i] as number) > (shares[best] as number)) best = i;
  return { frequency: best + 1, share: shares[best] ?? 0 };
}

/** The strongest frequencies, strongest first. */
export const peaksOf = ({ total }: Spectrum, count: number): Peak[] =>
  [...total]
    .map((share, i) => ({ frequency: i + 1, share }))
    .sort((a, b) => b.share - a.share || a.frequency - b.frequency)
    .slice(0, count);

/** How many neurons have more than half of their power at one frequency. */
export const pureNeurons = ({ shares }: Spectrum): number =>
  shares.filter((share) => strongest(share).share > 0.5).length;

/** The mean over neurons of the share of their power that each has at its own strongest frequency; those that swing at all. */
export function purity({ shares }: Spectrum): number {
  const peaks = shares.map((share) => strongest(share).share).filter((share) => share > 0);
  return peaks.reduce((sum, share) => sum + share, 0) / Math.max(1, peaks.length);
}

function sharesOf(powers: Float64Array): Float64Array {
  const whole = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => (whole > 0 ? power / whole : 0));
}
