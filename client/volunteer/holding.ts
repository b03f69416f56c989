import type { FromWorker } from '../engine/messages.ts';
import { telling } from '../words/telling.ts';
import type { Control } from './control.ts';
import type { Rest } from './settings.ts';

type Report = (message: FromWorker) => void;
type PhaseTold = Extract<FromWorker, { type: 'phase' }>;

/**
 * Reports that the work is paused or rests, and that it goes on, as the control says; everything else that is reported
 * is passed on. Meanwhile the phases of the work itself wait. Once for each control; tells at once where it is held already.
 */
export function tellingHolds(control: Control, report: Report): Report {
  let held: PhaseTold | null = null;
  let last: PhaseTold | null = null;
  control.onChange = () => {
    const now = holdOf(control);
    if (now?.words === held?.words) return;
    held = now;
    if (now) report(now);
    else if (!control.stopped) report(goingOn(last));
  };
  control.onChange();
  return (message) => {
    if (message.type !== 'phase') return report(message);
    last = message;
    if (!held || message.phase === 'stopped') report(message);
  };
}

function holdOf({ isHeld, paused, rest }: Control): PhaseTold | null {
  if (!isHeld) return null;
  if (paused) return { type: 'phase', phase: 'paused', words: telling().phases.paused };
  return { type: 'phase', phase: 'resting', words: restWords(rest as Rest) };
}

/** "Resting until 22:00, as the settings say; training goes on by itself then" */
export function restWords(rest: Rest): string {
  const { resting } = telling().phases;
  return rest.why === 'hours' ? resting.hours(`${rest.until}:00`) : resting[rest.why];
}

/** A wait for the server is a wait again. */
function goingOn(last: PhaseTold | null): PhaseTold {
  if (last?.phase === 'waiting') return last;
  return { type: 'phase', phase: last?.phase ?? 'training', words: telling().goingOn };
}
