// What a volunteer allows: how much of the time, when, and under which conditions. The same in a tab and in a terminal.
// Every page carries this, so it checks what was kept without the schemas of the server.

import { SWEEP_ID } from '../../shared/limits.ts';
import { PHENOMENA } from '../../shared/spec/phenomena.ts';
import type { Preference } from '../../shared/work.ts';

/** Bounds of the duty cycle in percent. */
export const DUTY = { min: 10, max: 100 } as const;

export interface Settings {
  /** Share of the time in which the device computes, in percent: whole, within DUTY. */
  duty: number;
  /** Local hours in which it may, each from 0 to 23 and not the same: from 22 to 7 spans midnight. Null at any time. */
  hours: { from: number; to: number } | null;
  /** On battery: train all the same, or rest. */
  battery: 'train' | 'rest';
  /** While the tab is hidden: train as ever, at the lowest duty cycle, or rest. */
  hidden: 'train' | 'slow' | 'rest';
  /** Keep the screen on while training. */
  wakeLock: boolean;
  /** Whether single keys control the page. */
  shortcuts: boolean;
  /** What to work for first; null for whatever is needed. */
  cause: Preference | null;
}

export const DEFAULTS: Settings = {
  duty: 100,
  hours: null,
  battery: 'rest',
  hidden: 'train',
  wakeLock: false,
  shortcuts: true,
  cause: null,
};

type Unknown = Record<string, unknown>;
const isObject = (x: unknown): x is Unknown => typeof x === 'object' && x !== null;
const isWhole = (x: unknown, min: number, max: number) =>
  Number.isInteger(x) && (x as number) >= min && (x as number) <= max;
const oneOf =
  (...all: unknown[]) =>
  (x: unknown) =>
    all.includes(x);
const isHour = (x: unknown) => isWhole(x, 0, 23);
const RESEARCHER_MAX = 80;

const isSound: Record<keyof Settings, (x: unknown) => boolean> = {
  duty: (x) => isWhole(x, DUTY.min, DUTY.max),
  hours: (x) => x === null || (isObject(x) && isHour(x.from) && isHour(x.to) && x.from !== x.to),
  battery: oneOf('train', 'rest'),
  hidden: oneOf('train', 'slow', 'rest'),
  wakeLock: oneOf(true, false),
  shortcuts: oneOf(true, false),
  cause: (x) => x === null || (isObject(x) && isCause(x)),
};

/** As the server takes it (shared/work.ts): it names each, at least as null, and nothing else. */
function isCause({ sweepId, researcher, phenomenon = null, ...rest }: Unknown): boolean {
  const isName = typeof researcher === 'string' && researcher.trim() !== '';
  return (
    (sweepId === null || (typeof sweepId === 'string' && SWEEP_ID.test(sweepId))) &&
    (researcher === null || (isName && researcher.length <= RESEARCHER_MAX)) &&
    (phenomenon === null || oneOf(...PHENOMENA)(phenomenon)) &&
    Object.keys(rest).length === 0
  );
}

/** Settings as they were kept, perhaps by another version: what is missing or broken is as by default. */
export function readSettings(kept: unknown): Settings {
  const given = isObject(kept) ? kept : {};
  const sound = Object.entries(isSound).filter(([key, accepts]) => accepts(given[key]));
  return { ...DEFAULTS, ...Object.fromEntries(sound.map(([key]) => [key, given[key]])) };
}

/** What is known of the device's surroundings; null where nothing tells. */
export interface Conditions {
  /** Minutes since midnight, local time. */
  minuteOfDay: number;
  isOnBattery: boolean | null;
  isHidden: boolean;
}

/** Why the device rests although nobody paused it. */
export type Rest = { why: 'hours'; until: number } | { why: 'battery' } | { why: 'hidden' };

/** What the settings ask for under the conditions: a duty cycle from 0.1 to 1, and a rest or null. */
export interface Rule {
  duty: number;
  rest: Rest | null;
}

export function ruleOf(settings: Settings, { minuteOfDay, isOnBattery, isHidden }: Conditions): Rule {
  const { hours, battery, hidden } = settings;
  const duty = (isHidden && hidden === 'slow' ? DUTY.min : settings.duty) / 100;
  return { duty, rest: rest() };

  function rest(): Rest | null {
    if (hours && !isWithin(hours, minuteOfDay)) return { why: 'hours', until: hours.from };
    if (battery === 'rest' && isOnBattery) return { why: 'battery' };
    return hidden === 'rest' && isHidden ? { why: 'hidden' } : null;
  }
}

function isWithin({ from, to }: NonNullable<Settings['hours']>, minuteOfDay: number): boolean {
  const hourNow = minuteOfDay / 60;
  return from < to ? hourNow >= from && hourNow < to : hourNow >= from || hourNow < to;
}
