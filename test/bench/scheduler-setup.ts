import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../client/cli/local/processes.ts';

/** What the benchmark's server is told when it starts. */
export interface Setup {
  /** Where the built worker lies. */
  builtDir: string;
  /** Where everything is stored. */
  stateDir: string;
  /** Run once, on a new database. */
  sql: string[];
  tokenSecret: string;
  /** How long a lease lasts; null for as long as usual. */
  leaseMs: number | null;
}

/** What it can be asked later: rows written by its dispatchers; to do what is due every hour. */
export type Question = 'rows' | 'audit';

/** The text of all migrations of D1, oldest first. */
export function migrations(): string[] {
  const folder = join(root, 'worker', 'migrations');
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name) => readFileSync(join(folder, name), 'utf8'));
}
