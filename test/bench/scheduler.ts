// npm run bench -- scheduler: how many exchanges a second the real server answers, how fast, and what each one costs.

import { setTimeout as sleep } from 'node:timers/promises';
import { speedFor } from './scheduler-curves.ts';
import { closedLoop, quantile, type Window } from './scheduler-load.ts';
import { type Case, type Figures, type LoadMeasurement, measurementOf, nameOf } from './scheduler-report.ts';
import type { BenchServer } from './scheduler-server.ts';
import { SweepSupply } from './scheduler-sweeps.ts';
import { TRANSPORTS, Volunteer } from './scheduler-volunteer.ts';

export interface LoadEffort extends Window {
  rounds: number;
  cases: readonly Case[];
}

const ofMillion = { sweepRuns: 1_000_000, runsPerUnit: 1 } as const;

const casesFor = (clientCounts: readonly number[]): Case[] => {
  const http = { kind: 'exchange', transport: 'http' } as const;
  return [
    ...clientCounts.flatMap((clients) => [
      { ...http, ...ofMillion, clients, sweepRuns: 1000 },
      { ...http, ...ofMillion, clients },
    ]),
    { ...http, ...ofMillion, clients: 200, runsPerUnit: 8 },
    { ...http, ...ofMillion, clients: 200, kind: 'heartbeat' },
    // A WebSocket leads to one sweep: those of a thousand runs would be over in a moment.
    ...clientCounts.flatMap((clients) =>
      (['exchange', 'heartbeat'] as const).map(
        (kind): Case => ({ ...ofMillion, kind, transport: 'websocket', clients }),
      ),
    ),
  ];
};

export const QUICK_LOAD: LoadEffort = { rounds: 3, warmUpMs: 700, measuredMs: 1500, cases: casesFor([200]) };
export const FULL_LOAD: LoadEffort = {
  ...{ rounds: 3, warmUpMs: 1500, measuredMs: 4000 },
  cases: casesFor([32, 200, 1000]),
};

/** Measures every case, in rounds that go through all of them in turn. */
export async function measureLoad(
  server: BenchServer,
  { rounds, cases, ...window }: LoadEffort,
  tell: (words: string) => void,
): Promise<LoadMeasurement[]> {
  const figures = cases.map((): Figures[] => []);
  const supplies = new Map<number, SweepSupply>();
  for (let round = 0; round < rounds; round++) {
    for (const [i, of] of cases.entries()) {
      tell(`round ${round + 1} of ${rounds}: ${nameOf(of)}`);
      const supply =
        supplies.get(of.sweepRuns) ?? new SweepSupply(server, of.sweepRuns, `of-${of.sweepRuns}`);
      supplies.set(of.sweepRuns, supply);
      figures[i]?.push(await measureRound(server, of, supply, window));
    }
  }
  return cases.map((of, i) => measurementOf(of, figures[i] ?? []));
}

async function measureRound(
  server: BenchServer,
  of: Case,
  supply: SweepSupply,
  window: Window,
): Promise<Figures> {
  const everyone = await enlist(server, of);
  const act = async (volunteer: Volunteer) => {
    if (of.kind === 'heartbeat') return volunteer.heartbeat();
    const { leased } = await volunteer.exchange(await supply.next(of.runsPerUnit));
    if (leased === 0) throw new Error('no unit was to be had');
  };
  if (of.kind === 'heartbeat')
    for (const volunteer of everyone) await volunteer.exchange(await supply.next(of.runsPerUnit));
  const rowsBefore = await server.rowsWritten();
  const acceptedBefore = acceptedBy(everyone);
  const round = await closedLoop(everyone, act, window, server);
  const rows = (await server.rowsWritten()) - rowsBefore;
  const units = (acceptedBy(everyone) - acceptedBefore) / of.runsPerUnit;
  await dismiss(everyone);
  return {
    perSecond: (1000 * round.done) / round.wallMs,
    p50Ms: quantile(round.latenciesMs, 0.5),
    p99Ms: quantile(round.latenciesMs, 0.99),
    serverCpuMs: round.serverCpuMs / round.done,
    loadCpuMs: round.loadCpuMs / round.done,
    rowsPerUnit: units > 0 ? rows / units : 0,
    failures: round.failures.length,
  };
}

const ENLISTED_AT_ONCE = 50;

/** Registers as many volunteers as a case has. */
export async function enlist(server: BenchServer, of: Case): Promise<Volunteer[]> {
  const open = TRANSPORTS[of.transport];
  const everyone: Volunteer[] = [];
  while (everyone.length < of.clients) {
    const some = Math.min(ENLISTED_AT_ONCE, of.clients - everyone.length);
    const group = Array.from({ length: some }, () => new Volunteer(open));
    await Promise.all(group.map((volunteer) => volunteer.register(server.origin())));
    for (const volunteer of group) volunteer.flopsPerSecond = speedFor(of.runsPerUnit);
    everyone.push(...group);
  }
  return everyone;
}

/** Lets everyone deliver what they hold, so that the next round finds no open units, and folds settle. */
async function dismiss(everyone: readonly Volunteer[]): Promise<void> {
  await Promise.all(everyone.map((volunteer) => volunteer.exchange(null, false)));
  for (const volunteer of everyone) volunteer.close();
  await sleep(SETTLE_MS);
}

const SETTLE_MS = 500;

export const acceptedBy = (everyone: readonly Volunteer[]): number =>
  everyone.reduce((sum, { accepted }) => sum + accepted, 0);
