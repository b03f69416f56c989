// What many curves have together: bands of quantiles at each step, never averages, and the range of their losses.

export interface Line {
  steps: readonly number[];
  train: ArrayLike<number>;
  test: ArrayLike<number>;
}

/** Smallest, lower quartile, median, upper quartile, largest. */
export const QUANTILES = [0, 0.25, 0.5, 0.75, 1] as const;
type Quantiles = number[][]; // [QUANTILES] of [steps]

export interface Band {
  steps: number[];
  train: Quantiles;
  test: Quantiles;
}

/** Of curves on one grid of steps, each as far as it goes: at every step of those that are there. */
export function bandOf(lines: readonly Line[]): Band {
  const longest = lines.reduce<readonly number[]>(
    (most, { steps }) => (steps.length > most.length ? steps : most),
    [],
  );
  const across = (which: 'train' | 'test'): Quantiles => {
    const sorted = longest.map((step, i) =>
      lines
        .flatMap((line) => (line.steps[i] === step ? [line[which][i] as number] : []))
        .sort((a, b) => a - b),
    );
    return QUANTILES.map((share) => sorted.map((values) => quantile(values, share)));
  };
  return { steps: [...longest], train: across('train'), test: across('test') };
}

/** Between the two neighbours in proportion (type 7 of Hyndman and Fan 1996); the values ascend. */
export function quantile(values: readonly number[], share: number): number {
  const at = share * (values.length - 1);
  const [low, high] = [values[Math.floor(at)] as number, values[Math.ceil(at)] as number];
  return low === high ? low : low + (at - Math.floor(at)) * (high - low);
}

/** The whole decades that hold all losses, one at least; where there are none, any. Zero has no place on a log axis. */
export function lossRange(losses: readonly ArrayLike<number>[]): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const values of losses)
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (!(value > 0 && value < Number.POSITIVE_INFINITY)) continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  if (most === 0) return [0.1, 1];
  const low = Math.floor(Math.log10(least));
  return [10 ** low, 10 ** Math.max(low + 1, Math.ceil(Math.log10(most)))];
}
