// What the runs in hand have reached so far, and what of it is news.

import { firstSustained } from '../shared/measures/milestones.ts';
import { amount } from './format.ts';
import { presentOf } from './live-part.ts';
import type { SessionState } from './session-state.ts';
import { words } from './words/index.ts';
import { telling } from './words/telling.ts';

type Known = Pick<SessionState, 'group' | 'points' | 'place'>;
interface SoFar {
  tMem: number | null;
  tGen: number | null;
}

/** The milestones so far of a run in hand, by its place in the group: of the part it is in, counted from its beginning. */
export function milestonesSoFar({ group, points, place }: Known, replica = 0): SoFar {
  if (!group) return { tMem: null, tGen: null };
  const { from } = presentOf(group, place?.step ?? 0);
  const known = points.filter(({ step, of }) => step >= from && of[replica]);
  const first = (of: 'trainAccuracy' | 'testAccuracy') =>
    firstSustained(
      known.map(({ step }) => step - from),
      known.map((point) => point.of[replica]?.[of] ?? Number.NaN),
      group.threshold,
    );
  return { tMem: first('trainAccuracy'), tGen: first('testAccuracy') };
}

/** More runs than this at the same step are counted, not named. */
const NAMED_MAX = 6;

/**
 * Lines of the log about milestones that points have brought, in the order of their steps: "Run 7 memorised at step 84".
 * Runs that reached the same at the same step share a line.
 */
export function milestoneLines(before: Known, after: Known): string[] {
  if (!after.group) return [];
  const isSamePart = partOf(before)?.from === partOf(after)?.from;
  const news = after.group.runs.flatMap(({ run }, replica) => {
    const was = isSamePart ? milestonesSoFar(before, replica) : { tMem: null, tGen: null };
    const is = milestonesSoFar(after, replica);
    return (['tMem', 'tGen'] as const).flatMap((name) => {
      const step = is[name];
      return step === null || was[name] !== null ? [] : [{ run, name, step, tMem: is.tMem }];
    });
  });
  const order = ({ name, step }: (typeof news)[number]) => step + (name === 'tGen' ? 0.5 : 0);
  const lines = Map.groupBy(
    news.sort((a, b) => order(a) - order(b)),
    ({ name, step, tMem }) => `${name} ${step} ${name === 'tGen' ? tMem : ''}`,
  );
  return [...lines.values()].map((of) => line(of, partOf(after)?.name ?? null));
}

const partOf = ({ group, place }: Known) => group && presentOf(group, place?.step ?? 0).part;

function line(
  of: readonly { run: number; name: 'tMem' | 'tGen'; step: number; tMem: number | null }[],
  part: string | null,
): string {
  const say = telling();
  const [{ name, step, tMem }] = of as [(typeof of)[number]];
  const names = of.map(({ run }) => run);
  const [run] = names as [number];
  const many =
    names.length > NAMED_MAX ? say.runs(amount(names.length), false) : say.runsNamed(names.join(', '));
  const what = capital(names.length === 1 ? say.run(run) : many);
  const at = part === null ? say.step(amount(step)) : say.stepOf(amount(step), part);
  if (name === 'tMem') return say.memorised(what, at);
  return say.generalised(what, at, tMem ? tauWords(step / tMem) : null);
}

/** "6.0". */
const tauWords = (tau: number): string => tau.toFixed(1).replace('.', words().format.decimalMark);

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
