// The engine this browser chose, kept for the next visit. A worker has no such storage: the page hands it over.

import type { EngineChoice } from './engine/messages.ts';
import { forget, keep, kept } from './storage/page-memory.ts';

const KEY = 'tabgrad.engine';

/** The choice kept before; null where there is none, or none of this form. */
export function keptEngine(): EngineChoice | null {
  const choice = kept('localStorage', KEY) as EngineChoice | null;
  return choice && isChoice(choice) ? choice : null;
}

const isChoice = ({ engine, replicas, msPerStep, flopsPerSecond, trials, measuredAtMs }: EngineChoice) =>
  typeof engine === 'string' &&
  Number.isInteger(replicas) &&
  replicas > 0 &&
  [msPerStep, flopsPerSecond, measuredAtMs].every(Number.isFinite) &&
  Array.isArray(trials);

/** Where storage is refused this visit simply is not remembered. */
export const keepEngine = (choice: EngineChoice): void => keep('localStorage', KEY, choice);

export const forgetEngine = (): void => forget('localStorage', KEY);
