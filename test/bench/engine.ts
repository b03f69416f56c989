// npm run bench -- engine: how much processor time a step takes, with our engines and with others, on the same data.

import type { Page } from 'playwright-core';
import { planOf } from '../../shared/engine/plan.ts';
import type { Trained, Wanted } from './page/page.ts';
import { type Measurement, median, spreadOf } from './report.ts';
import { type HostCost, kindsFor, openRunner, type Runner } from './subjects.ts';
import type { Workload } from './workloads.ts';

export interface Effort {
  rounds: number;
  /** Training time of a round for each engine; at least one step. */
  windowMs: number;
  /** More replicas are not tried when a step of them all would take longer. */
  stepMsMax: number;
  batches: readonly number[];
}

export const QUICK: Effort = { rounds: 3, windowMs: 300, stepMsMax: 2500, batches: [1, 16] };
export const FULL: Effort = { rounds: 3, windowMs: 1500, stepMsMax: 8000, batches: [1, 4, 16, 64] };

/** Losses are compared after so many steps; the first of them compiles, the rest tell how long a step takes. */
const CHECKED_STEPS = 2;
const PROFILED_STEPS = 10;

interface Candidate {
  wanted: Wanted;
  runner: Runner;
  loss: number;
  stepMs: number;
  rounds: (Trained & { cpuMs: number; steps: number })[];
  host: HostCost | null;
  dispatchMs: number[] | null;
}

export interface Tell {
  say: (words: string) => void;
  /** What is being done now; replaces what was said so before. */
  status: (words: string) => void;
}

/** Measures every engine on a workload, in rounds that go through all of them in turn. */
export async function measureWorkload(
  { name, config }: Workload,
  effort: Effort,
  home: Page,
  { say, status }: Tell,
): Promise<Measurement[]> {
  const candidates: Candidate[] = [];
  for (const { replicas: counts, ...kind } of kindsFor(effort.batches)) {
    let before: Candidate | null = null;
    for (const replicas of counts) {
      const wanted = { ...kind, config, replicas };
      const expectedMs: number = before ? (before.stepMs * replicas) / before.wanted.replicas : 0;
      if (expectedMs > effort.stepMsMax) {
        say(`${titleOf(wanted)}: left out; a step would take about ${(expectedMs / 1000).toFixed(0)} s`);
        break;
      }
      status(`loading ${titleOf(wanted)}`);
      before = await opened(wanted, home).catch((error: Error) => {
        say(`${titleOf(wanted)}: ${error.message.split('\n')[0]}`);
        return null;
      });
      if (before) candidates.push(before);
      else break;
    }
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (const candidate of candidates) {
      status(`round ${round + 1} of ${effort.rounds}: ${titleOf(candidate.wanted)}`);
      await measureRound(candidate, effort.windowMs);
    }
  }
  for (const candidate of candidates) {
    const { runner, wanted } = candidate;
    candidate.dispatchMs = await runner.dispatchMs(PROFILED_STEPS);
    if (wanted.device === 'webgpu') candidate.host = await runner.hostCost(effort.windowMs);
    await runner.end();
  }
  status('');
  return candidates.map((candidate) => measurementOf(name, candidate));
}

const titleOf = ({ library, device, form, replicas }: Wanted) =>
  `${library} ${device} ${form}, R = ${replicas}`;

async function opened(wanted: Wanted, home: Page): Promise<Candidate> {
  const runner = await openRunner(wanted, home);
  await runner.train(1);
  const { wallMs } = await runner.train(CHECKED_STEPS - 1);
  const [loss = Number.NaN] = await runner.losses();
  return {
    wanted,
    runner,
    loss,
    stepMs: wallMs / (CHECKED_STEPS - 1),
    rounds: [],
    host: null,
    dispatchMs: null,
  };
}

async function measureRound({ runner, stepMs, rounds }: Candidate, windowMs: number): Promise<void> {
  const latest = rounds.at(-1);
  const each = latest ? latest.wallMs / latest.steps : stepMs;
  const steps = Math.max(1, Math.round(windowMs / each));
  const before = runner.cpuMs();
  const trained = await runner.train(steps);
  rounds.push({ ...trained, cpuMs: runner.cpuMs() - before, steps });
}

function measurementOf(workload: string, { wanted, loss, rounds, host, dispatchMs }: Candidate): Measurement {
  const { library, device, form, replicas, config } = wanted;
  const per = (of: (round: Candidate['rounds'][number]) => number) =>
    median(rounds.map((round) => of(round) / round.steps));
  const cpu = rounds.map(({ cpuMs, steps }) => cpuMs / steps / replicas);
  const replicaStepsPerSecond = (1000 * replicas) / per(({ wallMs }) => wallMs);
  return {
    workload,
    engine: `${library} ${device}`,
    form,
    replicas,
    cpuMsPerReplicaStep: median(cpu),
    spread: spreadOf(cpu),
    rounds: rounds.length,
    hostMsPerStep: host?.hostMsPerStep ?? null,
    dispatchesPerStep: device === 'webgpu' ? per(({ dispatches }) => dispatches) : null,
    submissionsPerStep: host?.submissionsPerStep ?? null,
    replicaStepsPerSecond,
    gflops: (planOf(config).flopsPerStep.planned * replicaStepsPerSecond) / 1e9,
    dispatchMs,
    loss,
  };
}
