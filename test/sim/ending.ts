// What must be true in the end, when all is done and everybody was told.

import { hex } from '../../shared/bytes.ts';
import { decodeCurve } from '../../shared/curve.ts';
import { isDone, type LedgerEvent, runsOf } from '../../shared/ledger.ts';
import { aggregateCell } from '../../shared/measures/aggregate.ts';
import { type Milestones, milestones } from '../../shared/measures/milestones.ts';
import { sha256 } from '../../shared/sha256.ts';
import { cellConfig, runAt, runsInCell } from '../../shared/spec/sweep.ts';
import { plainTimeline } from '../../shared/spec/timeline.ts';
import type { RunRecord } from '../../worker/dispatcher/record.ts';
import type { CellRow } from '../../worker/store/cells.ts';
import type { SimObject } from './object.ts';
import { curveBytes, uninterrupted } from './training.ts';
import type { World } from './world.ts';

/** The first thing that is not as it should be, in words. */
export function brokenEnding(world: World): string | null {
  for (const object of world.objects) {
    const broken = missingOutcome(world, object) ?? wrongD1(world, object) ?? wrongScience(world, object);
    if (broken) return broken;
  }
  return null;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** P3: every run is done, part of a failed unit, or of a cancelled sweep. */
function missingOutcome({ mode, sweep }: World, object: SimObject): string | null {
  const { ledger, stripe } = object.open().state;
  const failed = new Set<number>();
  for (const unit of ledger.failed.values()) for (const run of runsOf(unit)) failed.add(run);
  for (const run of object.open().state.kinship.orphans.keys()) failed.add(run);
  if (stripe.stripes === 1 && ledger.runs !== sweep.runs)
    return `${ledger.runs} runs of ${sweep.runs} are known`;
  for (let run = 0; run < ledger.runs; run++)
    if (!isDone(ledger, run) && !failed.has(run) && mode !== 'cancelled')
      return `P3: run ${run} was never done`;
  return null;
}

/** D1 knows what the ledger knows. */
function wrongD1({ d1 }: World, object: SimObject): string | null {
  const { state } = object.open();
  const { ledger, stripe } = state;
  if (object.tables.lastSeq() === 0) return null;
  const told = d1.stripes.get(stripe.stripe);
  if (told?.finishedRuns !== ledger.doneRuns || told.failedRuns !== state.failedRuns())
    return `D1: ${told?.finishedRuns} runs finished and ${told?.failedRuns} failed, not ${ledger.doneRuns} and ${state.failedRuns()}`;
  for (const [volunteerId, { runs, credit }] of ledger.contributions) {
    const row = d1.volunteers.get(`${stripe.stripe}/${volunteerId}`);
    if (row?.runs !== runs || row.credit !== credit)
      return `P5: D1 has credit ${row?.credit} for ${volunteerId}, not ${credit}`;
    // No world lasts thirty days.
    const ofDays = (place: 1 | 2) => row.days.reduce((sum, day) => sum + day[place], 0);
    if (ofDays(1) !== runs || ofDays(2) !== credit)
      return `P5: D1 has credit ${ofDays(2)} for ${volunteerId} by the day, not ${credit}`;
  }
  return null;
}

/** P8: every curve is that of a run nobody interrupted, and the aggregates of the cells follow from the curves. */
function wrongScience(world: World, object: SimObject): string | null {
  const { state } = object.open();
  const { sweep } = state;
  const wages = wagesOf(object.tables.history);
  const cells = new Map<number, { found: Milestones[]; times: number[] }>();
  for (const record of [...state.records(0, state.ledger.runs).values()].sort((a, b) => a.run - b.run)) {
    const run = state.globalRun(record.run);
    const { cell, config } = runAt(sweep, run);
    const bytes = storedCurve(world, object, record);
    if (!bytes) return `P1: the curve of run ${run} is missing`;
    const truth = uninterrupted(run, config.train.steps, state.kinship.kin?.parentsOf);
    if (!truth) return `P10: run ${run} was trained without what it needs`;
    const right = curveBytes(truth);
    if (record.digest !== right.digest) return `P8: run ${run} did not end as it does without interruption`;
    if (Buffer.compare(bytes, right.bytes) !== 0 && hex(sha256(bytes)) !== record.digest)
      return `P1: the curve of run ${run} was changed`;
    const pay = wages.get(record.run);
    const whole = state.sized(run).cost.credit;
    if (pay && Math.max(...pay.byVolunteer.values()) > whole)
      return `P2: somebody was paid for more than the whole of run ${run}`;
    if (pay && (pay.isRewound ? pay.sum > whole : pay.sum !== whole))
      return `P5: run ${run} gave credit ${pay.sum}, not ${whole}`;
    const read = decodeCurve(bytes, plainTimeline(config.train.steps));
    if (!read.ok) return `P1: the curve of run ${run} cannot be read`;
    const milestone = milestones(read.curve, config.threshold);
    if (!same(milestone, record.milestones)) return `the milestones of run ${run} are not those of its curve`;
    const known = cells.get(cell) ?? { found: [], times: [] };
    known.found.push(milestone);
    known.times.push(record.finishedAtMs);
    cells.set(cell, known);
  }
  for (const [cell, { found, times }] of cells) {
    const row: CellRow | null = JSON.parse(world.d1.cells.get(cell)?.text ?? 'null');
    if (!row) return `D1 does not know cell ${cell}`;
    const aggregate = aggregateCell(found, cellConfig(sweep, cell).train.steps);
    if (!same(row.aggregate, aggregate))
      return `D1: the aggregate of cell ${cell} does not follow from its curves ${JSON.stringify([row.aggregate, aggregate])}`;
    const runs = runsInCell(sweep, cell);
    if (row.runs !== runs) return `D1: cell ${cell} has ${row.runs} runs, not ${runs}`;
    const completedAtMs = found.length === runs ? Math.max(...times) : null;
    if (row.completedAtMs !== completedAtMs)
      return `D1: cell ${cell} was completed at ${row.completedAtMs}, not ${completedAtMs}`;
  }
  return null;
}

interface Wage {
  /** Since the run last began anew. */
  sum: number;
  byVolunteer: Map<string, number>;
  /** Who did steps before the run began anew is not paid for them again. */
  isRewound: boolean;
}

/** What was paid for each run, by all that was ever stored. */
function wagesOf(history: readonly LedgerEvent[]): Map<number, Wage> {
  const wages = new Map<number, Wage>();
  for (const event of history) {
    if (event.type !== 'advanced' && event.type !== 'accepted' && event.type !== 'rewound') continue;
    const wage = wages.get(event.run) ?? { sum: 0, byVolunteer: new Map(), isRewound: false };
    wages.set(event.run, wage);
    if (event.type === 'rewound') {
      Object.assign(wage, { sum: 0, isRewound: true });
      continue;
    }
    const { volunteerId, credit } = event;
    wage.sum += credit;
    wage.byVolunteer.set(volunteerId, (wage.byVolunteer.get(volunteerId) ?? 0) + credit);
  }
  return wages;
}

function storedCurve({ blobs }: World, { tables }: SimObject, { place }: RunRecord): Uint8Array | null {
  if (place.in === 'log') return tables.curveInLog(place);
  if (place.in !== 'bundle') return null;
  const bundle = blobs.bundles.get(tables.bundleKey(place.number));
  return bundle?.subarray(place.offset, place.offset + place.bytes) ?? null;
}
