// What a volunteer on a terminal wishes: the options of the command and of its file of settings, checked alike.

import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { parse } from 'yaml';
import { SWEEP_ID } from '../../shared/limits.ts';
import { volunteerRequest } from '../../shared/protocol.ts';
import { PHENOMENA } from '../../shared/spec/phenomena.ts';
import { problemsOf, sentence } from '../../shared/spec/problems.ts';
import { exchangeRequest, type Preference } from '../../shared/work.ts';
import { DEFAULTS, DUTY, type Settings } from '../volunteer/settings.ts';
import { Refusal } from './local/refusal.ts';
import { whyUnread } from './unread.ts';
import { wholeNumber } from './whole-number.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** As `parseArgs` takes them. All but the last may also stand in the file of settings. */
export const VOLUNTEER_OPTIONS = {
  ...{ duty: text, hours: text, 'on-battery': text },
  ...{ sweep: text, phenomenon: text, researcher: text },
  ...{ name: text, engine: text, workers: text, 'until-done': flag },
  settings: text,
} as const;

type Option = Exclude<keyof typeof VOLUNTEER_OPTIONS, 'settings'>;

export interface VolunteerWishes {
  settings: Settings;
  name: string | undefined;
  /** As it was written; an engine's name or "auto". */
  engine: string | undefined;
  /** Threads of wasm; as many as there are processors unless given. */
  workers: number | undefined;
  untilDone: boolean;
}

/** What was written, and how to name the place where it was. */
type Written = Map<string, { value: string; said: string }>;

const NAMES = Object.keys(VOLUNTEER_OPTIONS).filter((name): name is Option => name !== 'settings');

/** Checks options and the file they name; an option counts more than the file. Refuses, naming option, value and what is right. */
export function wishesOf(options: Record<string, unknown>): VolunteerWishes {
  const file = options.settings === undefined ? [] : inFile(String(options.settings));
  const given = NAMES.flatMap((name) =>
    options[name] === undefined ? [] : [[name, { value: String(options[name]), said: `--${name}` }] as const],
  );
  const written: Written = new Map([...file, ...given]);
  const of = (name: Option) => written.get(name)?.value;
  return {
    settings: {
      ...DEFAULTS,
      duty: number(written, 'duty', [DUTY.min, DUTY.max]) ?? DEFAULTS.duty,
      hours: hoursOf(written),
      battery: oneOf(written, 'on-battery', ['rest', 'train']) ?? DEFAULTS.battery,
      cause: causeOf(written),
    },
    name: nameOf(written),
    engine: of('engine'),
    workers: number(written, 'workers', [1, 256]),
    untilDone: oneOf(written, 'until-done', ['true', 'false']) === 'true',
  };
}

function inFile(path: string): [string, { value: string; said: string }][] {
  const content = contentOf(path);
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new Refusal(`${path} holds no settings; write them a line each, as in "duty: 25"`);
  return Object.entries(content).map(([name, value]) => {
    const said = `${path}: ${name}`;
    if (!NAMES.includes(name as Option))
      throw new Refusal(`${said} is no setting; there are ${NAMES.join(', ')}`);
    if (typeof value === 'object') throw new Refusal(`${said} needs a single value after it`);
    return [name, { value: String(value), said }];
  });
}

function contentOf(path: string): unknown {
  let read: string;
  try {
    read = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Refusal(`--settings: ${path} cannot be read: ${whyUnread(error)}.`);
  }
  try {
    return parse(read) ?? {};
  } catch (error) {
    throw new Refusal(`${path} is not YAML: ${(error as Error).message.split('\n')[0]}`);
  }
}

function number(written: Written, name: Option, bounds: readonly [number, number]): number | undefined {
  const one = written.get(name);
  return one && wholeNumber(one.value, one.said, bounds);
}

function oneOf<T extends string>(written: Written, name: Option, right: readonly T[]): T | undefined {
  const one = written.get(name);
  if (!one) return undefined;
  const found = right.find((value) => value === one.value);
  if (found === undefined) throw wrong(one, `one of ${right.join(', ')}`);
  return found;
}

const wrong = ({ said, value }: { said: string; value: string }, right: string) =>
  new Refusal(`${said}: "${value}" is not ${right}`);

function hoursOf(written: Written): Settings['hours'] {
  const one = written.get('hours');
  if (!one) return null;
  const [, from, to] = /^(\d\d?)-(\d\d?)$/.exec(one.value)?.map(Number) ?? [];
  const isHour = (hour: number | undefined): hour is number => hour !== undefined && hour <= 23;
  if (isHour(from) && isHour(to) && from !== to) return { from, to };
  throw wrong(one, 'two different hours from 0 to 23, such as 22-7');
}

function causeOf(written: Written): Preference | null {
  const [sweep, researcher] = [written.get('sweep'), written.get('researcher')];
  const phenomenon = oneOf(written, 'phenomenon', PHENOMENA);
  if (sweep && !SWEEP_ID.test(sweep.value))
    throw wrong(sweep, 'the id of a sweep; its address ends in it, as in weight-decay-decides-32d4a5c0');
  if (!sweep && !researcher && phenomenon === undefined) return null;
  const cause: Preference = {
    ...{ sweepId: sweep?.value ?? null, researcher: researcher?.value ?? null },
    ...(phenomenon && { phenomenon }),
  };
  if (researcher && !v.is(exchangeRequest.entries.prefers, cause))
    throw wrong(researcher, 'the name of a researcher: 1 to 80 characters');
  return cause;
}

function nameOf(written: Written): string | undefined {
  const one = written.get('name');
  if (!one) return undefined;
  const { success, issues } = v.safeParse(volunteerRequest, { name: one.value });
  if (success) return one.value;
  const where = one.said.replace(/name$/, '');
  throw new Refusal(
    problemsOf(issues)
      .map((problem) => `${where}${sentence(problem)}`)
      .join('\n'),
  );
}
