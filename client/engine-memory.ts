// The engine this browser chose, kept for the next visit. A worker has no such storage: the page hands it over.

import type { EngineChoice } from './engine/messages.ts';

const KEY = 'tabgrad.engine';

/** The choice kept before; null where there is none, or none of this form. */
export function keptEngine(): EngineChoice | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as EngineChoice | null;
    return kept && isChoice(kept) ? kept : null;
  } catch {
    return null;
  }
}

const isChoice = ({ engine, replicas, msPerStep, flopsPerSecond, trials, measuredAtMs }: EngineChoice) =>
  typeof engine === 'string' &&
  Number.isInteger(replicas) &&
  replicas > 0 &&
  [msPerStep, flopsPerSecond, measuredAtMs].every(Number.isFinite) &&
  Array.isArray(trials);

// Storage may be refused (private windows): then this visit simply is not remembered.
export function keepEngine(choice: EngineChoice): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {}
}

export function forgetEngine(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {}
}
