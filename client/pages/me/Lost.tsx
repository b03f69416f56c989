import { amount } from '../../format.ts';
import type { KeptHere } from '../../volunteer/kept-here.ts';
import { belonging } from '../../words/belonging.ts';

/** What waits on this device and would be lost with the identity. */
export function Lost({ kept, isTraining }: { kept: KeptHere | null; isTraining: boolean }) {
  const { lost, lostRuns, leave } = belonging().me;
  return (
    <>
      {kept && kept.waiting > 0 && <p>{lost(amount(kept.waiting), kept.waiting === 1)}</p>}
      {kept && kept.runs.length > 0 && <p>{lostRuns(amount(kept.runs.length), kept.runs.length === 1)}</p>}
      {isTraining && <p>{leave.stops}</p>}
    </>
  );
}
