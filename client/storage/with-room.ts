import type { LocalStates } from './local-states.ts';

/** The same states; where storage takes one no more, what is spare is given up for it first: it can be had from elsewhere. */
export function withRoom(states: LocalStates, spare: Pick<LocalStates, 'clear' | 'keys'>): LocalStates {
  return {
    load: (key) => states.load(key),
    remove: (key) => states.remove(key),
    keys: () => states.keys(),
    clear: () => states.clear(),
    async save(key, given) {
      // The caller may change its bytes as soon as this returns.
      const bytes = given.slice();
      if (await states.save(key, bytes)) return true;
      if ((await spare.keys()).length === 0) return false;
      await spare.clear();
      return states.save(key, bytes);
    },
  };
}
