// Whose sweep a device works for when it does not care: every researcher with open work gets the same share, and a
// researcher's sweeps share theirs by priority.

import { threefry } from './random.ts';
import type { Phenomenon } from './spec/phenomena.ts';

interface Shared {
  researcherId: string;
  /** 1 .. 3 */
  priority: number;
}

/** A source of numbers in [0, 1). */
export type Chance = () => number;

/** The open sweeps of each researcher. */
export const byResearcher = <T extends Shared>(sweeps: readonly T[]): T[][] => [
  ...Map.groupBy(sweeps, ({ researcherId }) => researcherId).values(),
];

/** All sweeps in the order in which to ask them, drawn one after the other by fair shares. Each comes exactly once. */
export function* inFairOrder<T extends Shared>(
  groups: readonly (readonly T[])[],
  chance: Chance,
): Generator<T> {
  const left = groups.filter((group) => group.length > 0).map((group) => [...group]);
  while (left.length > 0) {
    const place = Math.floor(chance() * left.length);
    const own = left[place] as T[];
    const [next] = own.splice(drawn(own, chance()), 1);
    if (own.length === 0) left.splice(place, 1);
    yield next as T;
  }
}

/** A sweep as wishes look at it. */
interface Wished extends Shared {
  researcher: string;
  phenomenon: Phenomenon;
}

/** What a volunteer would rather work for; null and missing for no wish. */
export interface Wishes {
  researcher: string | null;
  phenomenon?: Phenomenon | null | undefined;
}

/**
 * All sweeps in the order in which to ask them: those that fit every wish, those that fit one, then all others, each of
 * these by fair shares. Each comes exactly once.
 */
export function* inWishedOrder<T extends Wished>(
  groups: readonly (readonly T[])[],
  { researcher, phenomenon = null }: Wishes,
  chance: Chance,
): Generator<T> {
  const met = (sweep: T): number =>
    Number(researcher !== null && sweep.researcher === researcher) +
    Number(phenomenon !== null && sweep.phenomenon === phenomenon);
  for (const wishes of [2, 1, 0])
    yield* inFairOrder(
      groups.map((own) => own.filter((sweep) => met(sweep) === wishes)),
      chance,
    );
}

/** Place of one of the sweeps, in proportion to their priorities. */
function drawn(sweeps: readonly Shared[], u: number): number {
  let rest = u * sweeps.reduce((sum, { priority }) => sum + priority, 0);
  for (const [i, { priority }] of sweeps.entries()) {
    rest -= priority;
    if (rest < 0) return i;
  }
  return sweeps.length - 1;
}

/** A 32-bit number from a text, spread evenly (FNV-1a, then mixed). */
export function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return threefry(hash, 0, 0, 0)[0];
}

/** Numbers that look random and are the same for the same text. */
export function chanceOf(text: string): Chance {
  const key = spread(text);
  let drawn = 0;
  return () => threefry(key, 1, drawn++, 0)[0] / 2 ** 32;
}
