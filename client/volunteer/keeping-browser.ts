import { browserLocalStates } from '../storage/local-states-browser.ts';
import { browserOutbox } from '../storage/outbox-browser.ts';
import { withRoom } from '../storage/with-room.ts';
import { isKept, type Keeping } from './keeping.ts';
import type { Worry } from './trouble.ts';

/** What a browser keeps of a volunteer's work. Where it is full, the datasets go first: the server has them. */
export function browserKeeping(onTrouble: Worry): Keeping {
  const datasets = browserLocalStates({ folder: 'tabgrad-datasets-1' });
  return {
    outbox: browserOutbox({ accepts: isKept, onTrouble, makeRoom: () => datasets.clear() }),
    segments: withRoom(browserLocalStates({ folder: 'tabgrad-segments-1' }), datasets),
    datasets,
    inHand: withRoom(browserLocalStates(), datasets),
  };
}
