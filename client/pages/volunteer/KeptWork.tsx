import { amount, rangesWords, runsWords } from '../../format.ts';
import type { HeldRun, KeptHere } from '../../volunteer/kept-here.ts';

interface KeptWorkProps extends KeptHere {
  /** Of sweeps whose titles are known. */
  titleOf: (sweepId: string) => string | undefined;
}

/** What this device holds from before, and that it takes a press to go on with it. */
export function KeptWork({ waiting, runs, titleOf }: KeptWorkProps) {
  if (waiting === 0 && runs.length === 0) return null;
  const bySweep = [...Map.groupBy(runs, ({ sweepId }) => sweepId)];
  return (
    <div class="notice">
      {bySweep.map(([sweepId, of]) => (
        <p key={sweepId}>
          This device holds {heldWords(of)[0]} of{' '}
          <a href={`/sweeps/${sweepId}`}>{titleOf(sweepId) ?? sweepId}</a> at {heldWords(of)[1]}.
        </p>
      ))}
      {waiting > 0 && (
        <p>
          {amount(waiting)} finished {waiting === 1 ? 'result waits' : 'results wait'} to be sent.
        </p>
      )}
      <p>{startWords(waiting, runs.length)}</p>
    </div>
  );
}

/** "run 0", "step 4,497"; "3 runs (0 to 2)", "steps 400 to 4,497" */
function heldWords(of: readonly HeldRun[]): [what: string, where: string] {
  const steps = of.map(({ step }) => step);
  const [least, most] = [Math.min(...steps), Math.max(...steps)];
  const what =
    of.length === 1
      ? `run ${of[0]?.run}`
      : `${runsWords(of.length)} (${rangesWords(of.map(({ run }) => run))})`;
  return [what, least === most ? `step ${amount(least)}` : `steps ${amount(least)} to ${amount(most)}`];
}

function startWords(waiting: number, held: number): string {
  const goesOn = `goes on with the ${held === 1 ? 'run' : 'runs'}, unless another device has taken over`;
  const sends = `sends ${waiting === 1 ? 'it' : 'them'}`;
  if (held === 0) return `Start ${sends}.`;
  return waiting === 0 ? `Start ${goesOn}.` : `Start ${sends} and ${goesOn}.`;
}
