// The share of the time a device computes, in words.

import type { Busy } from '../../engine/messages.ts';
import { DUTY } from '../../volunteer/settings.ts';
import { lending } from '../../words/lending.ts';

/** In percent. */
export const DUTY_STEP = 5;

/** A duty cycle in percent, one step more or less, within its bounds. */
export const stepped = (duty: number, by: 1 | -1): number =>
  Math.min(DUTY.max, Math.max(DUTY.min, duty + by * DUTY_STEP));

/** "25 %, some of the time". */
export function dutyWords(duty: number): string {
  const { value, all, most, half, some, little } = lending().settings.duty;
  const rather = duty >= 100 ? all : duty > 55 ? most : duty >= 40 ? half : duty > 15 ? some : little;
  return value(duty, rather);
}

/** "set 25 %, measured 24 % over the last 20 s". */
export function measuredWords(duty: number, busy: Busy | null): string {
  const { measured, notMeasured } = lending().settings.duty;
  if (!busy || busy.overMs < 1000) return notMeasured(duty);
  return measured(duty, Math.round(100 * busy.share), Math.round(busy.overMs / 1000));
}
