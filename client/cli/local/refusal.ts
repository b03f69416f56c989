/** Something the user can understand and mend: shown as its message, without a stack. */
export class Refusal extends Error {}

/** Prints a refusal in plain words, anything else as the bug it is, and ends the process. */
export function exitWith(error: unknown): never {
  console.error(error instanceof Refusal ? error.message : error);
  process.exit(1);
}
