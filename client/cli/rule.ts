// Holds a volunteer on a terminal to the settings, whatever the clock and the battery say meanwhile.

import type { Control } from '../volunteer/control.ts';
import { type Conditions, type Rest, ruleOf, type Settings } from '../volunteer/settings.ts';
import { isOnBattery, suppliesHere } from './battery.ts';

const LOOK_MS = 5000;

/** A terminal is never hidden. */
function conditionsHere(): Conditions {
  const now = new Date();
  return {
    minuteOfDay: 60 * now.getHours() + now.getMinutes(),
    isOnBattery: isOnBattery(suppliesHere()),
    isHidden: false,
  };
}

export interface FollowOptions {
  control: Pick<Control, 'setRule'>;
  say: (words: string) => void;
  conditions?: () => Conditions;
}

/** Follows the settings from now on; keeps the program alive meanwhile. Returns how to end that. */
export function followSettings(
  settings: Settings,
  { control, say, conditions = conditionsHere }: FollowOptions,
): () => void {
  let rest: Rest | null = null;
  const look = (isFirst: boolean) => {
    const rule = ruleOf(settings, conditions());
    const hasChanged = JSON.stringify(rule.rest) !== JSON.stringify(rest);
    if (isFirst || hasChanged) control.setRule(rule);
    if (hasChanged) say(rule.rest ? restWords(rule.rest) : 'Going on');
    rest = rule.rest;
  };
  look(true);
  const timer = setInterval(look, LOOK_MS, false);
  return () => clearInterval(timer);
}

function restWords(rest: Rest): string {
  if (rest.why === 'hours') return `Resting until ${rest.until}:00 (--hours)`;
  return 'Resting while this computer is on battery (--on-battery train goes on all the same)';
}
