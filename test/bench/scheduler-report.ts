// What the load benchmark says about its measurements. Pure.

import { aligned } from '../../shared/engine/describe.ts';
import { digits, median, spreadOf } from './report.ts';

export type Kind = 'exchange' | 'heartbeat';

/** What was driven, and how hard. */
export interface Case {
  kind: Kind;
  transport: 'http' | 'websocket';
  clients: number;
  /** Runs of each sweep. */
  sweepRuns: number;
  runsPerUnit: number;
}

/** One round of a case. */
export interface Figures {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  serverCpuMs: number;
  loadCpuMs: number;
  rowsPerUnit: number;
  failures: number;
}

/** Medians of the rounds; failures of all together. */
export interface LoadMeasurement extends Case, Figures {
  /** Largest less smallest rate, as a share of the median. */
  spread: number;
  rounds: number;
}

export interface Stampede {
  kind: 'stampede';
  transport: Case['transport'];
  clients: number;
  /** From the kill until the server answers again. */
  restartMs: number;
  /** From the moment all ask at once. */
  halfServedMs: number;
  allServedMs: number;
  failures: number;
  /** Results that volunteers were told of as accepted, before the kill and after. */
  acknowledged: number;
  /** Results the server knows of afterwards; fewer would be lost work. */
  stored: number;
}

/** Throws without rounds. */
export function measurementOf(of: Case, rounds: readonly Figures[]): LoadMeasurement {
  const middle = (figure: keyof Figures) => median(rounds.map((round) => round[figure]));
  return {
    ...of,
    ...{ perSecond: middle('perSecond'), p50Ms: middle('p50Ms'), p99Ms: middle('p99Ms') },
    ...{ serverCpuMs: middle('serverCpuMs'), loadCpuMs: middle('loadCpuMs') },
    rowsPerUnit: middle('rowsPerUnit'),
    failures: rounds.reduce((sum, { failures }) => sum + failures, 0),
    spread: spreadOf(rounds.map(({ perSecond }) => perSecond)),
    rounds: rounds.length,
  };
}

export const nameOf = ({ kind, transport, clients, sweepRuns, runsPerUnit }: Case): string =>
  `${kind}s over ${transport}, ${clients} clients, sweeps of ${sweepRuns} runs, ${runsPerUnit} a unit`;

const HEAD = ['what', 'over', 'clients', 'sweep', 'a unit', 'per s', 'spread', 'p50 ms', 'p99 ms'];
const COSTS = ['server CPU-ms', 'load CPU-ms', 'rows a unit', 'failures'];

export function loadLines(measurements: readonly LoadMeasurement[]): string[] {
  const rows = measurements.map((m) => [
    ...[m.kind, m.transport, `${m.clients}`, `${m.sweepRuns}`, `${m.runsPerUnit}`],
    ...[digits(m.perSecond), `${Math.round(100 * m.spread)} %`, digits(m.p50Ms), digits(m.p99Ms)],
    ...[digits(m.serverCpuMs), digits(m.loadCpuMs), digits(m.rowsPerUnit), `${m.failures}`],
  ]);
  return aligned([[...HEAD, ...COSTS], ...rows]);
}

export const stampedeLine = (s: Stampede): string =>
  `${s.clients} clients over ${s.transport} at once after kill -9: up again in ${digits(s.restartMs)} ms, half served ` +
  `after ${digits(s.halfServedMs)} ms, all after ${digits(s.allServedMs)} ms, ${s.failures} failures; ` +
  `${s.acknowledged} results acknowledged, ${s.stored} stored${s.stored < s.acknowledged ? ': LOST' : ''}`;

interface Target {
  words: string;
  least?: number;
  most?: number;
  value: (find: (of: Partial<Case>) => LoadMeasurement) => number;
}

const million = { kind: 'exchange', sweepRuns: 1_000_000, clients: 200, runsPerUnit: 1 } as const;

const TARGETS: readonly Target[] = [
  {
    words: 'exchanges per second over HTTP, 200 clients',
    least: 1500,
    value: (find) => find({ ...million, transport: 'http' }).perSecond,
  },
  {
    words: 'exchanges per second over WebSocket, 200 clients',
    least: 3000,
    value: (find) => find({ ...million, transport: 'websocket' }).perSecond,
  },
  {
    words: 'p50 with sweeps of 10^6 runs against 10^3, HTTP, 200 clients',
    most: 1.2,
    value: (find) =>
      find({ ...million, transport: 'http' }).p50Ms /
      find({ ...million, transport: 'http', sweepRuns: 1000 }).p50Ms,
  },
  {
    words: 'rows written a unit, HTTP, 200 clients',
    most: 0.1,
    value: (find) => find({ ...million, transport: 'http' }).rowsPerUnit,
  },
];

/** "...: target >= 1500, measured 1810: met", or "not measured" where a side is missing. */
export function loadTargetLines(measurements: readonly LoadMeasurement[]): string[] {
  return TARGETS.map(({ words, least, most, value }) => {
    const target = `${words}: target ${least === undefined ? `<= ${most}` : `>= ${least}`}`;
    const isMissing: string[] = [];
    const find = (of: Partial<Case>) => {
      const found = measurements.find((m) =>
        Object.entries(of).every(([key, wanted]) => m[key as keyof Case] === wanted),
      );
      if (!found) isMissing.push(words);
      return found ?? ({} as LoadMeasurement);
    };
    const measured = value(find);
    if (isMissing.length > 0) return `${target}, not measured`;
    const isMet = least === undefined ? measured <= (most as number) : measured >= least;
    return `${target}, measured ${digits(measured)}: ${isMet ? 'met' : 'missed'}`;
  });
}
