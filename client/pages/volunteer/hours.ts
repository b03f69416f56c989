// Hours in which a device may train, in words.

import { DEFAULTS, ruleOf, type Settings } from '../../volunteer/settings.ts';
import { lending } from '../../words/lending.ts';

type Hours = NonNullable<Settings['hours']>;

export const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** 7 -> "07:00". */
export const hourWords = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

/** Hours with one end changed: the other gives way where they would be the same. */
export function withEnd(hours: Hours, end: 'from' | 'to', hour: number): Hours {
  const next = { ...hours, [end]: hour };
  if (next.from !== next.to) return next;
  return end === 'from' ? { ...next, to: (hour + 1) % 24 } : { ...next, from: (hour + 23) % 24 };
}

/** Whether it may train now, and when that changes next. */
export function hoursWords(hours: Hours, minuteOfDay: number): string {
  const { rest } = ruleOf({ ...DEFAULTS, hours }, { minuteOfDay, isOnBattery: null, isHidden: false });
  const { inside, outside } = lending().settings.hours;
  return rest ? outside(hourWords(hours.from)) : inside(hourWords(hours.to));
}
