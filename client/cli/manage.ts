// What a researcher does with a sweep that is there already. All of it may be repeated.

import { LIMITS, SWEEP_ID } from '../../shared/limits.ts';
import type { SweepChange, SweepReply, SweepSummary } from '../../shared/protocol.ts';
import { type Growth, grownSweep } from '../../shared/spec/grow.ts';
import { sweepOf } from '../../shared/spec/sweep.ts';
import { sweepFlops } from '../../shared/spec/sweep-cost.ts';
import { amount, flops } from '../format.ts';
import { ApiError, call, patchJson, postJson } from '../http.ts';
import { Refusal } from './local/refusal.ts';
import { refused } from './refused.ts';

export interface Server {
  url: string;
  token: string;
}

/** A sweep by its id, or by the address of its page, which says where its server is too; `url` is null where not. */
export function sweepIn(text: string): { id: string; url: string | null } {
  const address = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : null;
  const id = address ? (address.pathname.split('/')[2] ?? '') : text;
  if (SWEEP_ID.test(id)) return { id, url: address?.origin ?? null };
  throw new Refusal(
    `SWEEP: "${text}" is not the id of a sweep; its address ends in it, as in weight-decay-decides-32d4a5c0`,
  );
}

/** Changes a sweep and prints how it stands. */
export async function changeSweep(id: string, change: SweepChange, { url, token }: Server): Promise<void> {
  const path = `${url}/api/sweeps/${id}`;
  const sweep = await patchJson<SweepSummary>(path, change, token).catch(refused(url, 'to change the sweep'));
  console.log(`${id}: ${MODES[sweep.mode]}`);
  console.log(`priority ${sweep.priority}; ${progressOf(sweep)}`);
}

/** A sweep is not made so many times as large without being asked twice. */
const SURE_FACTOR = 10;

/** Adds runs, and says beforehand what they cost. Refuses to add very many unless the caller is sure. */
export async function extendSweep(
  id: string,
  growth: Growth,
  { isSure, ...server }: Server & { isSure: boolean },
): Promise<void> {
  const page = `${server.url}/api/sweeps/${id}?count=1&curves=false`;
  const { sweep } = await call<SweepReply>(page).catch(refused(server.url, 'to tell of the sweep'));
  const grown = grownSweep(sweepOf(sweep.spec), growth);
  // What does not fit is the server's to refuse.
  if (grown.ok) {
    const runs = grown.value.runs;
    const words = `${amount(sweep.runs)} to ${amount(runs)} runs, ${flops(sweep.flops)} to ${flops(sweepFlops(grown.value))}`;
    if (runs > SURE_FACTOR * sweep.runs && !isSure)
      throw new Refusal(
        `${id}: from ${words}. That is more than tenfold: repeat it with --yes if you mean it.`,
      );
    console.log(`${id}: from ${words}`);
  }
  await changeSweep(id, growth, server);
}

const MODES: Record<SweepSummary['mode'], string> = {
  running: 'running',
  paused: 'paused; what devices have in hand they may finish, and it counts',
  cancelled: 'cancelled for good; what devices have in hand may still come in',
};

/**
 * Derives again what the database says of a sweep, or of all that the server lists, and prints what it says now. Of all,
 * those of others are passed over.
 */
export async function rebuildSweeps(only: string | null, { url, token }: Server): Promise<void> {
  const ids = only === null ? await listed(url) : [only];
  for (const id of ids) {
    const sweep = await postJson<SweepSummary>(`${url}/api/sweeps/${id}/rebuild`, {}, token).catch(
      (error) => {
        if (only === null && error instanceof ApiError && error.code === 'forbidden') return null;
        return refused(url, `to rebuild ${id}`)(error);
      },
    );
    const words = sweep ? `rebuilt: ${progressOf(sweep)}` : 'left as it is: it belongs to somebody else';
    console.log(`${id}: ${words}`);
  }
  if (ids.length === 0) console.log('There is no sweep yet.');
  if (only === null && ids.length >= LIMITS.sweepsListedMax)
    console.log(`Only the newest ${LIMITS.sweepsListedMax} sweeps are listed; name older ones one by one.`);
}

const progressOf = ({ finishedRuns, failedRuns, runs }: SweepSummary): string =>
  `${finishedRuns} of ${runs} runs finished${failedRuns > 0 ? `, ${failedRuns} failed` : ''}`;

async function listed(url: string): Promise<string[]> {
  const { sweeps } = await call<{ sweeps: SweepSummary[] }>(`${url}/api/sweeps`).catch(
    refused(url, 'the list of sweeps'),
  );
  return sweeps.map(({ id }) => id);
}

/** Asks on the terminal before something final; a program that calls the command has decided already. */
export async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return true;
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} Type yes: `);
  terminal.close();
  return answer.trim().toLowerCase() === 'yes';
}
