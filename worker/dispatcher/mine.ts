// Which runs of a stripe a volunteer trained, in the numbers of the sweep.

import { type Segment, segmentsOf } from '../../shared/ledger.ts';
import { LIMITS } from '../../shared/limits.ts';
import { runsInStripe } from '../../shared/spec/stripe.ts';
import type { MyRunsReply } from '../../shared/volunteers.ts';
import type { RunRecord } from './record.ts';
import type { SweepState } from './state.ts';
import { RUNS_PER_PAGE } from './summaries.ts';
import type { StoredSweep } from './tables.ts';

type MyRun = MyRunsReply['runs'][number];
type Span = Pick<Segment, 'from' | 'to'>;

/** Pages of records that are read for one reply. */
const PAGES_MAX = 64;

/** Runs from run `from` of the sweep on, ascending; at least those before `nextRun`. */
export function runsOfVolunteer(
  state: SweepState,
  tables: Pick<StoredSweep, 'pagesWith'>,
  { volunteerId, from }: { volunteerId: string; from: number },
): MyRunsReply {
  const { sweep, stripe, ledger } = state;
  const first = runsInStripe(sweep, stripe, Math.min(from, sweep.runs));
  const mine = (segments: readonly (Span & { volunteerId: string })[]): Span[] =>
    segments
      .filter((one) => one.volunteerId === volunteerId)
      .map((one) => ({ from: one.from, to: one.to }))
      .sort((a, b) => a.from - b.from || a.to - b.to);
  const found = new Map<number, MyRun>();
  const note = (local: number, segments: Span[], isFinished: boolean) => {
    if (local >= first && segments.length > 0)
      found.set(local, { run: state.globalRun(local), segments, isFinished });
  };
  const pages = pagesOf(state, tables, volunteerId, Math.floor(first / RUNS_PER_PAGE));
  const read = pages.slice(0, PAGES_MAX);
  for (const page of read)
    for (const [run, record] of state.records(page * RUNS_PER_PAGE, (page + 1) * RUNS_PER_PAGE))
      note(run, mine([...record.earlier, lastSegment(record, state)]), true);
  for (const unit of [...ledger.open.values(), ...ledger.failed.values()])
    for (const [run, segments] of Map.groupBy(segmentsOf(unit), (segment) => segment.run))
      note(run, mine(segments), false);
  const unread = pages[PAGES_MAX];
  const end = unread === undefined ? Number.POSITIVE_INFINITY : unread * RUNS_PER_PAGE;
  const locals = [...found.keys()].filter((run) => run < end).sort((a, b) => a - b);
  const shown = locals.slice(0, LIMITS.runsPerPageMax);
  const next = locals[shown.length] ?? (unread === undefined ? null : end);
  return {
    runs: shown.map((local) => found.get(local) as MyRun),
    nextRun: next === null ? null : state.globalRun(next),
  };
}

/** What the stripes of a sweep say, as one page. */
export function mergeMyRuns(parts: readonly MyRunsReply[]): MyRunsReply {
  const end = Math.min(...parts.map(({ nextRun }) => nextRun ?? Number.POSITIVE_INFINITY));
  const runs = parts
    .flatMap((part) => part.runs)
    .filter(({ run }) => run < end)
    .sort((a, b) => a.run - b.run);
  const more = runs[LIMITS.runsPerPageMax]?.run ?? end;
  return {
    runs: runs.slice(0, LIMITS.runsPerPageMax),
    nextRun: more === Number.POSITIVE_INFINITY ? null : more,
  };
}

/** Pages from one on that may hold something of the volunteer, folded or not. */
function pagesOf(
  { recent }: SweepState,
  tables: Pick<StoredSweep, 'pagesWith'>,
  volunteerId: string,
  from: number,
): number[] {
  const unfolded = [...recent.keys()].map((run) => Math.floor(run / RUNS_PER_PAGE));
  const pages = new Set([...tables.pagesWith(volunteerId, from), ...unfolded]);
  return [...pages].filter((page) => page >= from).sort((a, b) => a - b);
}

function lastSegment(
  { run, volunteerId, earlier, from }: RunRecord,
  state: SweepState,
): Span & { volunteerId: string } {
  const { lastStep } = state.sized(state.globalRun(run)).timeline;
  return { volunteerId, from: from ?? earlier.at(-1)?.to ?? 0, to: lastStep };
}
