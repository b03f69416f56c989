// npm run bench -- kills: kill -9 of the server under load, again and again on the same storage, and once a full disk.

import { setTimeout as sleep } from 'node:timers/promises';
import { creditOf, creditOnBoard, damagedCurves, lostOf, newestAudit, sweepOf } from './kills-check.ts';
import { Crowd } from './kills-crowd.ts';
import type { BenchServer } from './scheduler-server.ts';

/** Short, so that what vanished is given out again. */
export const LEASE_MS = 3000;
const AUDITED_AT_ONCE = 20;
const LOOK_MS = 500;

export interface KillEffort {
  times: number;
  clients: number;
  sweepRuns: number;
  /** Time under load before each kill: up to twice as much. */
  loadMs: number;
  /** For honest volunteers to finish everything. */
  finishMs: number;
}

export const FULL_KILLS = { clients: 96, sweepRuns: 3000, loadMs: 1500, finishMs: 180_000 } as const;

export interface KillOutcome {
  kills: number;
  clients: number;
  sweeps: number;
  /** Of runs as a whole, each once. */
  acknowledged: number;
  finished: number;
  failed: number;
  credit: number;
  restartMs: number;
  counts: Crowd['told']['counts'];
  codes: Record<string, number>;
  audited: { runs: number; curves: number };
  /** Empty when all held. */
  problems: string[];
}

export async function measureKills(
  server: BenchServer,
  effort: KillEffort,
  tell: (words: string) => void,
): Promise<KillOutcome> {
  const crowd = new Crowd(server, effort.sweepRuns);
  await crowd.gather(effort.clients);
  crowd.start();
  let restartMs = 0;
  for (let i = 0; i < effort.times; i++) {
    tell(`kill ${i + 1} of ${effort.times}; ${crowd.told.acknowledged.size} results acknowledged`);
    await underLoad(crowd, effort.loadMs * (1 + Math.random()));
    restartMs = Math.max(restartMs, await server.crash());
    crowd.told.problems.push(...(await lostOf(server.origin(), crowd.told.bySweep())));
  }
  return { ...(await settle(server, crowd, effort.finishMs, tell)), kills: effort.times, restartMs };
}

const IDLE_MS_MAX = 30_000;

/** For so long, and until enough was acknowledged to make the kill worth its while: at first a server is slow. */
async function underLoad({ told: { counts }, size }: Crowd, ms: number): Promise<void> {
  const before = { ...counts };
  const untilMs = performance.now() + IDLE_MS_MAX;
  const isEnough = () =>
    counts.acknowledgements >= before.acknowledgements + size && counts.segments > before.segments;
  await sleep(ms);
  while (!isEnough() && performance.now() < untilMs) await sleep(LOOK_MS / 10);
}

/** Lets honest volunteers finish everything, then checks all there is to check. The crowd must be at work. */
export async function settle(
  server: BenchServer,
  crowd: Crowd,
  finishMs: number,
  tell: (words: string) => void,
): Promise<Omit<KillOutcome, 'kills' | 'restartMs'>> {
  const { told, sweeps } = crowd;
  crowd.becomeHonest();
  const problems = told.problems;
  let [finished, failed, credit] = [0, 0, 0];
  const untilMs = performance.now() + finishMs;
  for (const id of sweeps) {
    tell(`finishing ${id}`);
    told.sweepId = id;
    let at = await sweepOf(server.origin(), id);
    const isOver = () => at.sweep.finishedRuns + at.sweep.failedRuns === at.sweep.runs;
    while (!isOver() && performance.now() < untilMs) {
      await sleep(LOOK_MS);
      at = await sweepOf(server.origin(), id);
    }
    if (!isOver())
      problems.push(`${id} does not end: ${at.sweep.finishedRuns} + ${at.sweep.failedRuns} runs`);
    // Pages are read one after the other: only now do they all tell of the end.
    else credit += creditOf((await sweepOf(server.origin(), id)).runs);
    finished += at.sweep.finishedRuns;
    failed += at.sweep.failedRuns;
  }
  await crowd.stop();
  tell('checking');
  const audited = { runs: 0, curves: 0 };
  for (let i = 0; i < sweeps.length; i += AUDITED_AT_ONCE) {
    await server.audit();
    const audit = await newestAudit(server.origin());
    problems.push(...(audit?.problems ?? ['there is no audit']));
    audited.runs += audit?.checked.runs ?? 0;
    audited.curves += audit?.checked.curves ?? 0;
  }
  const onBoard = await creditOnBoard(server.origin());
  if (onBoard !== credit) problems.push(`the board has ${onBoard} credit, the runs are worth ${credit}`);
  problems.push(...(await lostOf(server.origin(), told.bySweep())));
  for (const id of sweeps) problems.push(...(await damagedCurves(server.origin(), id)));
  return {
    ...{
      clients: crowd.size,
      sweeps: sweeps.length,
      acknowledged: told.finishedRuns(),
      finished,
      failed,
      credit,
    },
    ...{ counts: told.counts, codes: told.codes, audited, problems },
  };
}
