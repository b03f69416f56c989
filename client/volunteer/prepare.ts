import { curveUpTo, encodeCurve } from '../../shared/curve.ts';
import type { RunState } from '../../shared/run-state.ts';
import { readState } from '../../shared/run-state.ts';
import { type Run, runAt, type Sweep } from '../../shared/spec/sweep.ts';
import type { Lease, LeasedRun } from '../../shared/work.ts';
import { ApiError } from '../http.ts';
import type { Control } from './control.ts';
import type { Deliveries } from './deliveries.ts';
import { digestOf } from './digest.ts';
import type { LocalRuns } from './local-runs.ts';
import type { Resume, SegmentPlan } from './record.ts';
import type { WorkServer } from './server.ts';

/** What a run is to be gone on from is not there, or is not what it should be. */
export class UnusableState extends Error {
  readonly run: number;

  constructor(run: number, message: string) {
    super(message);
    this.run = run;
  }
}

/** A run of a lease, and what is to be done of it. */
export interface LeasedWork {
  leased: LeasedRun;
  run: Run;
  plan: SegmentPlan;
  /** Whether this device still had the state that its segment begins with. */
  isOwn: boolean;
}

interface Found {
  state: RunState;
  isOwn: boolean;
}

export interface Sources {
  server: WorkServer;
  deliveries: Deliveries;
  local: LocalRuns;
  control: Control;
}

/** Attempts at a download that came damaged: the way is at fault more often than the store. */
const DOWNLOADS_MAX = 2;

/**
 * Gets everything that the runs of a lease go on from. Null when the volunteer stopped it or the server was out of reach
 * for as long as the lease lasts; throws UnusableState, and what the server refused.
 */
export async function prepareWork(
  sweep: Sweep,
  lease: Lease,
  indices: readonly LeasedRun[],
  sources: Sources,
): Promise<LeasedWork[] | null> {
  const work: LeasedWork[] = [];
  for (const leased of indices) {
    // A turn of the loop: the lease is kept while this goes on.
    if (!(await sources.control.go())) return null;
    const run = runAt(sweep, leased.run);
    const origin = leased.from === 0 ? null : await originOf(lease, leased, run, sources);
    if (origin === 'unreachable') return null;
    const state = origin?.state ?? null;
    const resume = fitting(await sources.local.find(lease, leased, run.config), state);
    const until = leased.from + Math.max(1, lease.segmentSteps);
    const plan = { origin: state, end: leased.end, until, resume };
    work.push({ leased, run, plan, isOwn: origin?.isOwn ?? true });
  }
  return work;
}

async function originOf(
  { leaseMs }: Lease,
  { run, from, checkpoint }: LeasedRun,
  { config }: Run,
  sources: Sources,
): Promise<Found | 'unreachable'> {
  if (!checkpoint) throw new UnusableState(run, 'the lease names no state');
  const own = await sources.deliveries.state(checkpoint);
  const bytes = own ?? (await download(checkpoint, leaseMs, sources));
  if (bytes === 'unreachable') return bytes;
  if (!bytes) throw new UnusableState(run, 'the server has no such state, or only a damaged one');
  try {
    const state = readState(bytes, config);
    if (state.step !== from) throw new Error(`it is of step ${state.step}, not ${from}`);
    return { state, isOwn: own !== null };
  } catch (error) {
    throw new UnusableState(run, (error as Error).message);
  }
}

/** The bytes of a state; null where the server has them not, or not whole. */
async function download(
  digest: string,
  leaseMs: number,
  { server, deliveries, control }: Sources,
): Promise<Uint8Array | null | 'unreachable'> {
  const dueMs = performance.now() + leaseMs;
  for (let damaged = 0; damaged < DOWNLOADS_MAX; ) {
    try {
      const bytes = await server.getState(digest);
      if (!bytes) return null;
      if ((await digestOf(bytes)) === digest) return bytes;
      damaged++;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const waitMs = deliveries.delayMs(error);
      if (control.ending || performance.now() + waitMs > dueMs) return 'unreachable';
      await control.sleep(waitMs);
    }
  }
  return null;
}

/** Only what begins with the very curve that was handed over goes on from it. */
function fitting(resume: Resume | null, origin: RunState | null): Resume | null {
  if (!resume || !origin) return resume;
  const [mine, theirs] = [curveUpTo(resume.state.curve, origin.step), origin.curve].map(encodeCurve);
  const isSame = mine?.length === theirs?.length && mine?.every((byte, i) => byte === theirs?.[i]);
  return isSame && resume.start ? resume : null;
}
