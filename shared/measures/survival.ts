import { inverseNormal } from '../random.ts';

/** A waiting time: the event was seen at `time`, or by then it had not happened (censored). */
export interface Waiting {
  time: number;
  seen: boolean;
}

export interface SurvivalPoint {
  time: number;
  /** Probability of waiting longer than `time`. */
  survival: number;
  /** Greenwood's sum: the variance of ln(survival). */
  variance: number;
}

export interface Median {
  /** Null: more than half still wait at the end, so the median is later than every time. */
  median: number | null;
  lower: number | null;
  /** Null: the interval has no upper end. */
  upper: number | null;
}

/** The Kaplan-Meier estimate at each time an event was seen (Kaplan and Meier 1958). */
export function kaplanMeier(waits: readonly Waiting[]): SurvivalPoint[] {
  const times = [...new Set(waits.filter(({ seen }) => seen).map(({ time }) => time))].sort((a, b) => a - b);
  let survival = 1;
  let variance = 0;
  return times.map((time) => {
    const atRisk = waits.filter((w) => w.time >= time).length;
    const events = waits.filter((w) => w.seen && w.time === time).length;
    survival *= 1 - events / atRisk;
    variance += events / (atRisk * (atRisk - events));
    return { time, survival, variance };
  });
}

/**
 * Median waiting time with its 95 % interval (Brookmeyer and Crowley 1982, on the log-log scale). Where the curve is
 * level at one half the median is the middle of that level, as in R's survfit.
 */
export function medianWait(waits: readonly Waiting[]): Median {
  const points = kaplanMeier(waits);
  const z = inverseNormal(0.975);
  const bound = (sign: 1 | -1) => (p: SurvivalPoint) => {
    // After the last event nothing is known of the variance: the interval stays open above.
    if (p.survival <= 0) return sign === 1 ? 0 : 1;
    const logLog =
      Math.log(-Math.log(p.survival)) + (sign * z * Math.sqrt(p.variance)) / Math.abs(Math.log(p.survival));
    return Math.exp(-Math.exp(logLog));
  };
  return {
    median: firstBelowHalf(points, (p) => p.survival),
    lower: firstBelowHalf(points, bound(1)),
    upper: firstBelowHalf(points, bound(-1)),
  };
}

function firstBelowHalf(
  points: readonly SurvivalPoint[],
  level: (p: SurvivalPoint) => number,
): number | null {
  const tolerance = 1e-12;
  const at = points.findIndex((p) => level(p) <= 0.5 + tolerance);
  const point = points[at];
  if (!point) return null;
  const next = points[at + 1];
  return next && Math.abs(level(point) - 0.5) <= tolerance ? (point.time + next.time) / 2 : point.time;
}
