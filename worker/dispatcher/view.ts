// What a sweep looks like to the outside.

import { LIMITS } from '../../shared/limits.ts';
import type { CellReply, RunSummary } from '../../shared/protocol.ts';
import { cellValues, runAt, runsInCell } from '../../shared/spec/sweep.ts';
import { missingRuns } from '../../shared/unit.ts';
import type { CurvePlace } from '../store/segments.ts';
import type { RunRecord } from './record.ts';
import type { SweepState } from './state.ts';
import type { Tables } from './tables.ts';

export interface Status {
  finishedRuns: number;
  failedRuns: number;
  /** Runs without a result in units with a live lease. */
  trainingRuns: number;
  /** Devices with a live lease. */
  devices: number;
}

export interface PageRequest {
  from: number;
  count: number;
  curves: boolean;
}

/** A curve's bytes, or where in R2 they lie. */
export interface ShownCurve {
  run: number;
  lastStep: number;
  at: CurvePlace | Uint8Array;
}

export interface Page {
  status: Status;
  cells: CellReply[];
  /** With the volunteer's id in place of a name. */
  runs: RunSummary[];
  curves: ShownCurve[];
  nextRun: number | null;
}

export function statusOf(state: SweepState, nowMs: number): Status {
  const devices = new Set<string>();
  let trainingRuns = 0;
  for (const unit of state.ledger.open.values()) {
    for (const { deviceId } of unit.attempts.filter(isLive(nowMs))) {
      devices.add(deviceId);
      trainingRuns += unit.count - unit.acceptedFrom.size;
    }
  }
  const { doneRuns } = state.ledger;
  return { finishedRuns: doneRuns, failedRuns: state.failedRuns(), trainingRuns, devices: devices.size };
}

// Leases expire when somebody asks for work; those who only look must see the time themselves.
const isLive = (nowMs: number) => (attempt: { verdict: string; expiresAtMs: number }) =>
  attempt.verdict === 'running' && attempt.expiresAtMs > nowMs;

export function pageOf(state: SweepState, tables: Tables, request: PageRequest, nowMs: number): Page {
  const { sweep } = state;
  const from = Math.min(request.from, sweep.runs);
  const to = Math.min(from + request.count, sweep.runs);
  const records = state.records(from, to);
  const states = statesOf(state, { from, to }, nowMs);
  const runs = Array.from({ length: to - from }, (_, i) => {
    const run = from + i;
    const record = records.get(run) ?? null;
    return runSummary(state, run, record, record ? 'finished' : (states.get(run) ?? 'waiting'));
  });
  const shown = request.curves ? [...records.values()].sort((a, b) => a.run - b.run) : [];
  return {
    status: statusOf(state, nowMs),
    cells: cellsOf(state, runs),
    runs,
    curves: shown.map(({ run, place }) => {
      const lastStep = runAt(sweep, run).config.train.steps;
      return { run, lastStep, at: curveAt(tables, place) };
    }),
    nextRun: to < sweep.runs ? to : null,
  };
}

/** The runs from .. to - 1 that are being trained or are given up. */
function statesOf({ ledger }: SweepState, range: { from: number; to: number }, nowMs: number) {
  const states = new Map<number, 'training' | 'failed'>();
  const isShown = (run: number) => run >= range.from && run < range.to;
  for (const { first, count } of ledger.failed.values()) {
    for (let run = first; run < first + count; run++) if (isShown(run)) states.set(run, 'failed');
  }
  for (const unit of ledger.open.values()) {
    const isInSight = unit.first < range.to && unit.first + unit.count > range.from;
    if (!isInSight || !unit.attempts.some(isLive(nowMs))) continue;
    for (const run of missingRuns(unit)) if (isShown(run)) states.set(run, 'training');
  }
  return states;
}

function runSummary(
  state: SweepState,
  index: number,
  record: RunRecord | null,
  now: RunSummary['state'],
): RunSummary {
  const { cell, seed } = runAt(state.sweep, index);
  return {
    ...{ index, cell, seed, state: now },
    milestones: record?.milestones ?? null,
    engine: record?.engine ?? null,
    engineVersion: record?.engineVersion ?? null,
    elapsedMs: record?.elapsedMs ?? null,
    digest: record?.digest ?? null,
    weightsDigest: record?.weightsDigest ?? null,
    finishedAtMs: record?.finishedAtMs ?? null,
    volunteer: record?.volunteerId ?? null,
  };
}

function cellsOf(state: SweepState, runs: readonly RunSummary[]): CellReply[] {
  const { sweep } = state;
  const all = sweep.cells <= LIMITS.cellsPerPageMax;
  const cells = all
    ? Array.from({ length: sweep.cells }, (_, i) => i)
    : [...new Set(runs.map(({ cell }) => cell))];
  return cells.map((cell) => ({
    cell,
    values: cellValues(sweep, cell),
    runs: runsInCell(sweep, cell),
    aggregate: state.aggregate(cell),
  }));
}

function curveAt(tables: Tables, place: RunRecord['place']): CurvePlace | Uint8Array {
  if (place.in === 'log') return tables.curveInLog(place);
  return { key: tables.segmentKey(place.number), offset: place.offset, bytes: place.bytes };
}
