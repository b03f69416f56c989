import type { Engine } from '../../shared/engine/engine.ts';
import type { RunConfig } from '../../shared/spec/schema.ts';
import type { Selection } from '../engine/selection.ts';
import { engineName } from '../format.ts';
import { ApiError } from '../http.ts';
import { telling } from '../words/telling.ts';
import type { Control } from './control.ts';
import { Stamina } from './pace.ts';
import { plain } from './plain.ts';
import { Throttle } from './throttle.ts';
import { Troubled, troubleOf, type Worry } from './trouble.ts';
import { type VolunteerOptions, volunteer } from './volunteer.ts';

export interface WorkOptions
  extends Omit<VolunteerOptions, 'chosen' | 'suit' | 'stamina' | 'throttle' | 'flopsPerSecond'> {
  selection: Selection;
}

/** Engines to work with, one after the other; a Selection is one such. */
export interface Engines {
  /** What trains, or trained last. */
  readonly current: { engine: Pick<Engine, 'name'> };
  /** How many have failed. */
  readonly failed: number;
  /** After the engine in use has failed: another one. Throws where none works. */
  next(): Promise<void>;
}

export interface Failing {
  control: Control;
  /** Whether it was the engine that failed; what was not is thrown on. */
  isFault: (error: unknown) => boolean;
  say: Worry;
  /** After so many failures nothing more is tried. */
  failuresMax?: number;
}

const FAILURES_MAX = 3;

/** Works as `volunteer` does, by one duty cycle; where an engine fails, the next one goes on. Throws once too many have, and what a server refused. */
export function volunteerThroughFailures({ selection, ...rest }: WorkOptions): Promise<void> {
  const { control, report } = rest;
  const throttle = new Throttle({
    governor: control,
    onBusy: (busy) => report({ type: 'busy', ...busy }),
  });
  const chosen = (config?: RunConfig) => (config ? selection.pick(config) : selection.current);
  const suit = (config: RunConfig) => selection.suit(config);
  const work = () => {
    const { flopsPerSecond } = selection.choice;
    return volunteer({ ...rest, throttle, chosen, suit, flopsPerSecond, stamina: new Stamina() });
  };
  return throughFailures(selection, work, {
    control,
    isFault: (error) => !(error instanceof ApiError),
    say: (words, kind) => report({ type: 'problem', words, fatal: false, code: null, kind }),
  });
}

/** Does work that an engine may fail at, and does it again with the next one. Throws in plain words once too many have failed. */
export async function throughFailures(
  engines: Engines,
  work: () => Promise<void>,
  { control, isFault, say, failuresMax = FAILURES_MAX }: Failing,
): Promise<void> {
  while (!control.ending) {
    try {
      return await work();
    } catch (error) {
      if (!isFault(error)) throw error;
      const reason = plain(error instanceof Error ? error.message : String(error));
      const kind = troubleOf(reason, null);
      const { stoppedWorking, nextEngine } = telling().mishaps;
      const words = stoppedWorking(engineName(engines.current.engine.name), reason);
      if (engines.failed >= failuresMax - 1) throw new Troubled(words, kind);
      say(nextEngine(words), kind);
      await engines.next();
    }
  }
}
