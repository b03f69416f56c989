// What a researcher does with a sweep that is there already. All of it may be repeated.

import { LIMITS, SWEEP_ID } from '../../shared/limits.ts';
import type { SweepChange, SweepSummary } from '../../shared/protocol.ts';
import { ApiError, call, patchJson, postJson } from '../http.ts';
import { Refusal } from './local/refusal.ts';
import { refused } from './refused.ts';

export interface Server {
  url: string;
  token: string;
}

/** The id of a sweep, which may be given as the address of its page too. */
export function sweepIdIn(text: string): string {
  const id = URL.canParse(text) ? (new URL(text).pathname.split('/')[2] ?? '') : text;
  if (SWEEP_ID.test(id)) return id;
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
