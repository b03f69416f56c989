import type { SweepChange } from '../../../shared/protocol.ts';
import { sentence } from '../../../shared/spec/problems.ts';
import type { FieldProblem } from '../../http.ts';

/** Changes a sweep; `done` says it in words once the server has agreed. */
export type Change = (change: SweepChange, done: string) => Promise<void>;

/** Fields that show their problems themselves. */
const WITH_A_PLACE = ['priority', 'seeds', 'run_cap'];

/** What the server says of one field, in words; null when nothing. */
export function problemOf(problems: readonly FieldProblem[], field: string): string | null {
  const found = problems.filter((one) => one.field === field);
  return found.length === 0 ? null : found.map(sentence).join('; ');
}

/** What the server says of anything else. */
export const strayProblems = (problems: readonly FieldProblem[]): string[] =>
  problems.filter(({ field }) => !WITH_A_PLACE.includes(field)).map(sentence);
