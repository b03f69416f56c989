import { expect, test } from 'vitest';
import {
  type Case,
  type Figures,
  type LoadMeasurement,
  loadLines,
  loadTargetLines,
  measurementOf,
  type Stampede,
  stampedeLine,
} from './scheduler-report.ts';

const million: Case = {
  ...{ kind: 'exchange', transport: 'http', clients: 200, sweepRuns: 1_000_000, runsPerUnit: 1 },
};
const figures = (change: Partial<Figures>): Figures => ({
  ...{ perSecond: 2000, p50Ms: 90, p99Ms: 300, serverCpuMs: 0.5, loadCpuMs: 0.05 },
  ...{ rowsPerUnit: 0.04, failures: 0, ...change },
});
const measured = (change: Partial<LoadMeasurement>): LoadMeasurement => ({
  ...measurementOf(million, [figures({})]),
  ...change,
});

test('a measurement is the median of its rounds, figure by figure, and forgets no failure', () => {
  const rounds = [
    figures({ perSecond: 1000, p99Ms: 900, failures: 1 }),
    figures({ perSecond: 3000, p99Ms: 200 }),
    figures({ perSecond: 2000, p99Ms: 300, failures: 2 }),
  ];
  expect(measurementOf(million, rounds)).toMatchObject({
    ...{ perSecond: 2000, p99Ms: 300, spread: 1, failures: 3, rounds: 3, clients: 200 },
  });
});

test('targets compare large sweeps with small ones and wait for transports that were not measured', () => {
  const lines = loadTargetLines([
    measured({ rowsPerUnit: 0.2 }),
    measured({ sweepRuns: 1000, p50Ms: 80 }),
    measured({ clients: 32, perSecond: 1 }),
  ]);
  expect(lines).toEqual([
    'exchanges per second over HTTP, 200 clients: target >= 1500, measured 2000: met',
    'exchanges per second over WebSocket, 200 clients: target >= 3000, not measured',
    'p50 with sweeps of 10^6 runs against 10^3, HTTP, 200 clients: target <= 1.2, measured 1.13: met',
    'rows written a unit, HTTP, 200 clients: target <= 0.1, measured 0.2: missed',
  ]);
});

test('the table has a row for every case', () => {
  const lines = loadLines([measured({}), measured({ kind: 'heartbeat', clients: 32, failures: 7 })]);
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^exchange +http +200 +1000000 +1 +2000 +0 % +90 +300 +0\.5 +0\.05 +0\.04 +0 *$/);
  expect(lines[2]).toMatch(/^heartbeat +http +32 .* 7 *$/);
});

test('work that was acknowledged and is not stored is called lost', () => {
  const stampede: Stampede = {
    ...{ kind: 'stampede', transport: 'http', clients: 1000, restartMs: 1500, halfServedMs: 700 },
    ...{ allServedMs: 720, failures: 0, acknowledged: 3851, stored: 3851 },
  };
  expect(stampedeLine(stampede)).toMatch(/3851 results acknowledged, 3851 stored$/);
  expect(stampedeLine({ ...stampede, stored: 3850 })).toMatch(/3850 stored: LOST$/);
});
