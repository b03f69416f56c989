import { peekLocalStates } from '../storage/local-states-browser.ts';
import { peekOutbox } from '../storage/outbox-browser.ts';
import { isKept, ownerOf } from './keeping.ts';
import { GLIMPSE_BYTES, placeIn } from './local-runs.ts';

/** What this browser keeps of a volunteer's work while nothing is trained. */
export interface KeptHere {
  /** Finished results and parts of runs that wait for the server. */
  waiting: number;
  /** Runs in hand, and where they stand. */
  runs: HeldRun[];
}

export interface HeldRun {
  sweepId: string;
  run: number;
  step: number;
}

/** Looks only: changes nothing and asks no server. What cannot be read counts as nothing. */
export async function keptHere(token: string): Promise<KeptHere> {
  const [entries, states] = await Promise.all([
    peekOutbox().catch(() => []),
    peekLocalStates(GLIMPSE_BYTES).catch(() => []),
  ]);
  const owner = ownerOf(token);
  const mine = entries.flatMap(({ value }) => (isKept(value) && value.owner === owner ? [value.result] : []));
  const held = states.flatMap(({ key, head }) => placeIn(key, head) ?? []);
  // What waits with a result further on is not gone on with from here.
  const isOpen = ({ sweepId, run, step }: HeldRun) =>
    !mine.some((one) => one.sweepId === sweepId && one.run === run && one.to >= step);
  return { waiting: mine.length, runs: held.filter(isOpen).sort((a, b) => a.run - b.run) };
}
