// The closed loop: every volunteer asks as soon as it is answered.

import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchServer } from './scheduler-server.ts';

/** What a window of time saw. */
export interface Round {
  done: number;
  failures: string[];
  /** Of those that were done, ascending. */
  latenciesMs: Float64Array;
  wallMs: number;
  serverCpuMs: number;
  loadCpuMs: number;
}

export interface Window {
  warmUpMs: number;
  measuredMs: number;
}

const PAUSE_AFTER_FAILURE_MS = 20;

/** Lets everyone act again and again, and counts what is begun and answered after the warm-up. */
export async function closedLoop<T>(
  everyone: readonly T[],
  act: (one: T) => Promise<void>,
  { warmUpMs, measuredMs }: Window,
  server: Pick<BenchServer, 'cpuMs'>,
): Promise<Round> {
  const latencies: number[] = [];
  const failures: string[] = [];
  let phase: 'warm-up' | 'measured' | 'over' = 'warm-up';
  const keepActing = async (one: T) => {
    while (phase !== 'over') {
      const from = performance.now();
      const isMeasured = phase === 'measured';
      try {
        await act(one);
        if (isMeasured && (phase as string) === 'measured') latencies.push(performance.now() - from);
      } catch (error) {
        failures.push((error as Error).message);
        await sleep(PAUSE_AFTER_FAILURE_MS);
      }
    }
  };
  const acting = Promise.all(everyone.map(keepActing));
  await sleep(warmUpMs);
  phase = 'measured';
  const before = { wall: performance.now(), server: server.cpuMs(), load: ownCpuMs() };
  await sleep(measuredMs);
  const round = {
    wallMs: performance.now() - before.wall,
    serverCpuMs: server.cpuMs() - before.server,
    loadCpuMs: ownCpuMs() - before.load,
  };
  phase = 'over';
  await acting;
  return { ...round, done: latencies.length, failures, latenciesMs: Float64Array.from(latencies).sort() };
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The value that a share of the sorted values does not exceed; NaN of none. */
export const quantile = (sorted: ArrayLike<number>, share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
