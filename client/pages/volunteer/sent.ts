// How much a volunteer's device sends, to be told before it does: measured over the sweeps in examples/.

import { LIMITS } from '../../../shared/limits.ts';

/** A number of bytes travels as a third more characters. */
const asText = (bytes: number) => (4 * bytes) / 3;

/** In bytes: the curves of a run, and the state of a run that is handed over. */
export const SENT = {
  result: { typical: 3600, most: asText(LIMITS.curveBytesMax) },
  state: { typical: 870_000, most: LIMITS.runStateBytesMax },
};
