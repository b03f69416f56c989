import { amount, rangesWords, runsWords } from '../../format.ts';
import type { HeldRun, KeptHere } from '../../volunteer/kept-here.ts';
import { lending } from '../../words/lending.ts';

interface KeptWorkProps extends KeptHere {
  /** Of sweeps whose titles are known. */
  titleOf: (sweepId: string) => string | undefined;
}

/** What this device holds from before, and that it takes a press to go on with it. */
export function KeptWork({ waiting, runs, titleOf }: KeptWorkProps) {
  if (waiting === 0 && runs.length === 0) return null;
  const say = lending().run.kept;
  const bySweep = [...Map.groupBy(runs, ({ sweepId }) => sweepId)];
  return (
    <div class="notice">
      {bySweep.map(([sweepId, of]) => {
        const [before, after] = heldWords(of);
        return (
          <p key={sweepId}>
            {before}
            <a href={`/sweeps/${sweepId}`}>{titleOf(sweepId) ?? sweepId}</a>
            {after}
          </p>
        );
      })}
      {waiting > 0 && <p>{say.waiting(amount(waiting), waiting === 1)}</p>}
      <p>{startWords(waiting, runs.length)}</p>
    </div>
  );
}

/** "run 0", "step 4,497"; "3 runs (0 to 2)", "steps 400 to 4,497": around the title of their sweep. */
function heldWords(of: readonly HeldRun[]): [before: string, after: string] {
  const say = lending().run.kept;
  const steps = of.map(({ step }) => step);
  const [least, most] = [Math.min(...steps), Math.max(...steps)];
  const what =
    of.length === 1
      ? say.run(of[0]?.run ?? 0)
      : say.runs(runsWords(of.length), rangesWords(of.map(({ run }) => run)));
  return say.held(what, least === most ? say.step(amount(least)) : say.steps(amount(least), amount(most)));
}

function startWords(waiting: number, held: number): string {
  const { sends, goesOn, both } = lending().run.kept.start;
  if (held === 0) return sends(waiting === 1);
  return waiting === 0 ? goesOn(held === 1) : both(waiting === 1, held === 1);
}
