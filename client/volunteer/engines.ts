import type { Selection } from '../engine/selection.ts';
import { engineName } from '../format.ts';
import { ApiError } from '../http.ts';
import { Stamina } from './pace.ts';
import { plain } from './plain.ts';
import { type VolunteerOptions, volunteer } from './volunteer.ts';

export interface WorkOptions extends Omit<VolunteerOptions, 'chosen' | 'stamina' | 'flopsPerSecond'> {
  selection: Selection;
}

const FAILURES_MAX = 3;

/** Works as `volunteer` does; where an engine fails, the next one goes on. Throws once too many have, and what a server refused. */
export async function volunteerThroughFailures({ selection, ...rest }: WorkOptions): Promise<void> {
  const { control, report } = rest;
  const chosen = () => ({
    engine: selection.current.engine,
    replicas: selection.current.choice.replicas,
  });
  while (!control.ending) {
    const { flopsPerSecond } = selection.current.choice;
    try {
      return await volunteer({ ...rest, chosen, flopsPerSecond, stamina: new Stamina() });
    } catch (error) {
      if (error instanceof ApiError) throw error;
      const reason = plain(error instanceof Error ? error.message : String(error));
      const words = `${engineName(selection.current.engine.name)} stopped working: ${reason}`;
      if (selection.failed >= FAILURES_MAX - 1) throw new Error(words);
      report({ type: 'problem', words: `${words}. Going on with the next engine`, fatal: false, code: null });
      await selection.next();
    }
  }
}
