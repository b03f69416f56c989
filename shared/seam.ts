// Where a run goes from one device to another: the same weights, evaluated on both, must give the same numbers.

/** Losses of two float32 engines may differ by so much, relative to the loss; far more than they were seen to. */
const LOSS_TOLERANCE = 1e-3;
/** Accuracies by this: a few rows lie on the border between two classes. */
const ACCURACY_TOLERANCE = 0.02;

/**
 * Whether a run was taken up where it was left. `end` and `start` are training loss and accuracy, test loss and
 * accuracy; `exact` where both engines promise the same bits.
 */
export function isSeamless(end: readonly number[], start: readonly number[], exact: boolean): boolean {
  return end.every((left, i) => {
    const right = start[i] ?? Number.NaN;
    if (exact) return Math.fround(left) === Math.fround(right);
    const isLoss = i % 2 === 0;
    const most = isLoss ? LOSS_TOLERANCE * Math.max(1, Math.abs(left)) : ACCURACY_TOLERANCE;
    return Math.abs(left - right) <= most;
  });
}

/** Whether two engines, named with their versions, give the same bits. */
export const isExact = (engine: string, other: string): boolean =>
  engine === other && engine.startsWith('wasm ');

/** Steps a segment must have unless it is the last of its run. */
export const segmentStepsMin = (lastStep: number, segmentsMax: number): number =>
  Math.ceil(lastStep / segmentsMax);

/** Credit for steps `from` .. `to` of a run that is worth `credit` in all: the shares of a run add up exactly. */
export const segmentCredit = (credit: number, lastStep: number, from: number, to: number): number =>
  Math.floor((credit * to) / lastStep) - Math.floor((credit * from) / lastStep);
