import { CHANNELS, type Channel, decodeCurve } from '../shared/curve.ts';
import type { CurveReply } from '../shared/protocol.ts';
import type { ShownCurve } from './dispatcher/view.ts';
import { readCurves } from './store/segments.ts';

/** Stored curves as JSON, wherever they lie. */
export async function curveReplies(bucket: R2Bucket, curves: readonly ShownCurve[]): Promise<CurveReply[]> {
  const places = curves.flatMap(({ at }) => (at instanceof Uint8Array ? [] : [at]));
  const fromSegments = (await readCurves(bucket, places)).values();
  return curves.map(({ run, lastStep, at }) => {
    const bytes = at instanceof Uint8Array ? at : (fromSegments.next().value as Uint8Array);
    const decoded = decodeCurve(bytes, lastStep);
    if (!decoded.ok) throw new Error(`the stored curve of run ${run} is broken: ${decoded.wrong}`);
    const { steps, channels } = decoded.curve;
    const values = CHANNELS.map((channel) => [channel, Array.from(channels[channel], shortest)]);
    return { run, steps, ...(Object.fromEntries(values) as Record<Channel, number[]>) };
  });
}

/** The number with the fewest digits that is the same float32: 0.95 instead of 0.949999988079071. */
export function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}
