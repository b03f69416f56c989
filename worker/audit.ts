// The hourly check of what is stored against the promises: every sweep in turn, those first whose last check is longest
// ago. Dispatchers check themselves; here what D1 was told is held against what they know.

import type { Env } from './env.ts';
import { askAll } from './places.ts';
import { type Audit, longestUnaudited, storeAudit } from './store/audits.ts';
import { toldOf } from './store/progress.ts';
import { definitionOf } from './store/sweeps.ts';

const SWEEPS_MAX = 20;
/** Every one is asked a few times, and a Worker may ask only so often. */
const STRIPES_MAX = 100;
const TOOK_MAX_MS = 60_000;
const PROBLEMS_MAX = 50;
export const AUDITS_KEPT = 200;

/** Checks some sweeps and stores the outcome. Changes nothing else, so it is safe to repeat. */
export async function audit(env: Env, atMs: number): Promise<Audit> {
  const startMs = Date.now();
  const sweeps: string[] = [];
  let stripes = 0;
  const checked = { sweeps: 0, runs: 0, curves: 0 };
  const problems: string[] = [];
  for (const sweep of await longestUnaudited(env.DB, SWEEPS_MAX)) {
    stripes += sweep.stripes;
    if (Date.now() - startMs > TOOK_MAX_MS || stripes > STRIPES_MAX) break;
    sweeps.push(sweep.id);
    try {
      const found = await auditSweep(env, sweep);
      checked.sweeps++;
      checked.runs += found.runs;
      checked.curves += found.curves;
      problems.push(...found.problems.map((problem) => `${sweep.id}: ${problem}`));
    } catch (error) {
      console.error(error);
      problems.push(`${sweep.id}: could not be checked`);
    }
  }
  const outcome = {
    ...{ atMs, checked },
    tookMs: Date.now() - startMs,
    problems: problems.slice(0, PROBLEMS_MAX),
  };
  await storeAudit(env.DB, sweeps, outcome, AUDITS_KEPT);
  return outcome;
}

async function auditSweep(env: Env, sweep: { id: string; stripes: number }): Promise<Omit<Found, 'sweeps'>> {
  const stripes = await askAll(env, sweep, (d, at) => d.audit(at));
  return {
    runs: stripes.reduce((sum, { runs }) => sum + runs, 0),
    curves: stripes.reduce((sum, { curves }) => sum + curves, 0),
    problems: [...stripes.flatMap(({ problems }) => problems), ...(await wronglyTold(env, sweep))],
  };
}

type Found = Audit['checked'] & { problems: string[] };

/**
 * Where D1 does not say what the dispatchers know. It is told again first, so between what they knew before and what
 * they know after there is no room for what merely takes its time.
 */
async function wronglyTold(env: Env, sweep: { id: string; stripes: number }): Promise<string[]> {
  const definition = await definitionOf(env.DB, sweep.id);
  if (!definition) return [];
  const before = await askAll(env, sweep, (d, at) => d.status(at));
  // A spec they know already changes nothing, and makes them tell.
  await askAll(env, sweep, (d, at) => d.grow(at, definition.spec));
  const told = await toldOf(env.DB, sweep.id);
  const after = await askAll(env, sweep, (d, at) => d.status(at));
  const problems: string[] = [];
  const compare = (what: string, said: number, least: number, most: number) => {
    if (said < least || said > most)
      problems.push(
        `D1 has ${said} ${what}, the dispatcher ${least === most ? least : `${least} to ${most}`}`,
      );
  };
  const sum = (of: typeof before, key: 'finishedRuns' | 'failedRuns') =>
    of.reduce((all, status) => all + status[key], 0);
  before.forEach((least, stripe) => {
    const most = after[stripe] as typeof least;
    if (least.mode === most.mode && told.mode !== most.mode)
      problems.push(`D1 says ${told.mode}, the dispatcher of stripe ${stripe} ${most.mode}`);
    const { finishedRuns = 0, failedRuns = 0, contributedRuns = 0 } = told.stripes.get(stripe) ?? {};
    const where = sweep.stripes === 1 ? '' : ` in stripe ${stripe}`;
    compare(`finished runs${where}`, finishedRuns, least.finishedRuns, most.finishedRuns);
    compare(`failed runs${where}`, failedRuns, least.failedRuns, most.failedRuns);
    compare(`contributed runs${where}`, contributedRuns, least.finishedRuns, most.finishedRuns);
  });
  for (const key of ['finishedRuns', 'failedRuns'] as const)
    compare(
      key === 'finishedRuns' ? 'finished runs in all' : 'failed runs in all',
      told[key],
      sum(before, key),
      sum(after, key),
    );
  compare('runs in cells', told.runsInCells, sum(before, 'finishedRuns'), sum(after, 'finishedRuns'));
  return problems;
}
