// What is said of the session's state, in the reader's language.

import type { DeliveredRun, FromWorker } from './engine/messages.ts';
import { amount, dayOf, engineName, milestone, reached } from './format.ts';
import { presentOf } from './live-part.ts';
import { capital, milestonesSoFar } from './session-milestones.ts';
import type { Finished, SessionState } from './session-state.ts';
import { telling } from './words/telling.ts';

type Message<T extends FromWorker['type']> = Extract<FromWorker, { type: T }>;

const runsOf = (n: number): string => telling().runs(amount(n), n === 1);
/** "run 7", "16 runs". */
const runOrRuns = (runs: readonly { run: number }[]): string => {
  const [first] = runs;
  return first && runs.length === 1 ? telling().run(first.run) : runsOf(runs.length);
};

export function engineWords({ choice, isStored }: Pick<Message<'engine'>, 'choice' | 'isStored'>): string {
  const say = telling();
  const what = say.computesWith(engineName(choice.engine));
  return isStored ? say.measuredOn(what, dayOf(choice.measuredAtMs)) : what;
}

/** The same of the first run as it is said: so far or, once it is trained, at all, since it may have stopped early. */
export function reachedWords(state: SessionState, name: 'tMem' | 'tGen'): string {
  const { group, points, place, finished } = state;
  const [first] = group?.runs ?? [];
  const done = finished.find(({ sweepId, run }) => sweepId === group?.sweepId && run === first?.run);
  if (done?.steps !== undefined) {
    const { tMem = null, tGen = null, divergedAt = null, steps } = done;
    return milestone({ tMem, tGen, divergedAt }, name, steps);
  }
  const { from } = presentOf(group ?? { steps: 0 }, place?.step ?? 0);
  return reached(milestonesSoFar(state)[name], Math.max(0, (points.at(-1)?.step ?? 0) - from));
}

/**
 * The engine of the runs that are shown, why it is not the fastest and, where another was chosen meanwhile, that one too.
 * Null where there are none.
 */
export function engineInHand({
  engine,
  group,
  status,
}: Pick<SessionState, 'engine' | 'group' | 'status'>): string | null {
  if (!group) return null;
  const say = telling();
  const now = engineName(group.engine);
  if (group.because !== undefined) return say.engineSince(now, group.because);
  const isOther = engine && engine.choice.engine !== group.engine && status !== 'off';
  return isOther ? say.engineNext(now, engineName(engine.choice.engine)) : now;
}

/** How the runs that are shown came into this tab; null where it began them. */
export function takenUpWords({ place, group }: Pick<SessionState, 'place' | 'group'>): string | null {
  if (!place?.takenUp || !group) return null;
  const say = telling();
  const { from, keptBy } = place.takenUp;
  const { part, step } = presentOf(group, from);
  const at = part ? say.stepOf(amount(step), part.name) : say.step(amount(step));
  return keptBy === 'device' ? say.goneOnHere(at) : say.takenUp(at);
}

/** How far training is, in a few words; null when nothing runs here. */
export function progressWords({ status, group, place, rest }: SessionState): string | null {
  const { progress, progressOf } = telling();
  if (status === 'off') return null;
  if (status === 'paused') return progress.paused;
  if (rest) return progress.resting;
  if (!group) return progress.starting;
  return progressOf(runOrRuns(group.runs), Math.floor((100 * (place?.step ?? 0)) / group.steps));
}

export function verdictWords({ verdict, message }: Pick<Finished, 'verdict' | 'message'>): string {
  const { verdicts, because } = telling();
  return message && verdict !== 'accepted' ? because(verdicts[verdict], message) : verdicts[verdict];
}

/** "Got 2 runs of "Title"", "Going on with run 0 of "Title" from step 4,497" */
export function unitWords({ title, runs, from }: Message<'unit'>): string {
  const say = telling();
  const begun = from.filter((step) => step > 0).length;
  const many = runsOf(runs.length);
  if (begun === 0) return say.got(many, title);
  if (begun < runs.length) return say.gotBegun(many, title, amount(begun));
  const [least, most] = [Math.min(...from), Math.max(...from)];
  const where = least === most ? say.step(amount(least)) : say.steps(amount(least), amount(most));
  return say.gotGoingOn(runOrRuns(runs.map((run) => ({ run }))), title, where);
}

/** "Run 3 got to step 500; any device can go on from there", "Part of run 3 refused" */
export function partsWords(parts: readonly DeliveredRun[]): string {
  const say = telling();
  const kinds = Map.groupBy(parts, (part) => `${verdictWords(part)} ${part.to}`);
  return [...kinds.values()]
    .map((of) => {
      const [first] = of as [DeliveredRun];
      if (first.verdict !== 'accepted') return say.partNot(runOrRuns(of), verdictWords(first));
      return say.partDelivered(capital(runOrRuns(of)), amount(first.to));
    })
    .join('; ');
}

/** "16 runs accepted (12 generalised)"; what was not accepted is said with its reason. */
export function deliveredWords(runs: readonly Finished[]): string {
  const kinds = Map.groupBy(runs, verdictWords);
  return [...kinds]
    .map(([verdict, of]) => {
      const generalised = of.filter(({ tGen }) => typeof tGen === 'number').length;
      const isAccepted = of[0]?.verdict === 'accepted';
      return telling().delivered(capital(runOrRuns(of)), verdict, isAccepted ? amount(generalised) : null);
    })
    .join('; ');
}
