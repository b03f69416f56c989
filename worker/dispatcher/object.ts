// The dispatcher of one sweep: hands out its units and takes their results. Memory decides, a log makes it last, and
// no reply leaves before what it says is stored.

import { DurableObject } from 'cloudflare:workers';
import { LIMITS } from '../../shared/limits.ts';
import type { Lease } from '../../shared/protocol.ts';
import { expire, extend, handBack, type LedgerEvent, lease, missingRuns } from '../../shared/unit.ts';
import { sha256 } from '../digest.ts';
import { type Env, leaseMsOf } from '../env.ts';
import { specOf } from '../store/sweeps.ts';
import { judge, type Offer, unitSize, type Verdict } from './decide.ts';
import { fold } from './fold.ts';
import { CommitLog } from './log.ts';
import { project } from './project.ts';
import { SweepState } from './state.ts';
import { Tables } from './tables.ts';
import { type Page, type PageRequest, pageOf, type Status, statusOf } from './view.ts';

const FOLD_AFTER_MS = 2000;
const FOLD_AT_BYTES = 4 * 1024 * 1024;
const RETRY_MS_MAX = 60_000;

/** A device of a volunteer; nobody can speak for a device of somebody else. */
export interface Device {
  volunteerId: string;
  deviceId: string;
}

/** Why a device gives a unit back. */
export interface HandBack {
  /** The work went wrong; false: the volunteer chose so. */
  fault: boolean;
  reason: string;
}

const keyOf = ({ volunteerId, deviceId }: Device) => `${volunteerId}.${deviceId}`;
const endingOf = ({ fault, reason }: HandBack) =>
  ({ ending: fault ? 'fault' : 'handed-back', reason }) as const;

export interface Exchange extends Device {
  results: Omit<Offer, 'digest'>[];
  /** Null: only deliver. */
  wants: { flopsPerSecond: number } | null;
}

export interface Exchanged {
  verdicts: Verdict[];
  lease: Lease | null;
  /** No run of the sweep will ever be handed out again. */
  isOver: boolean;
}

interface Opened {
  state: SweepState;
  log: CommitLog;
}

export class Dispatcher extends DurableObject<Env> {
  private readonly tables: Tables;
  private opened: Opened | null = null;
  private alarmIsSet = false;
  private failures = 0;
  private unfoldedBytes = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.tables = new Tables(ctx.storage);
    if (!this.tables.exist()) return;
    this.load();
    if (this.hasChores()) this.setAlarm(FOLD_AFTER_MS);
  }

  /** Knows its sweep from here on. False when there is no such sweep. Safe to repeat; every other method does it. */
  async open(sweepId: string): Promise<boolean> {
    return (await this.opening(sweepId)) !== null;
  }

  /** Takes results, then leases a unit if one is wanted. Safe to repeat. Null when there is no such sweep. */
  async exchange(sweepId: string, request: Exchange): Promise<Exchanged | null> {
    const opened = await this.opening(sweepId);
    if (!opened) return null;
    const { state, log } = opened;
    const { results, wants, volunteerId } = request;
    const offers = await Promise.all(
      results.map(async (result) => ({ ...result, digest: await sha256(result.curve) })),
    );
    const nowMs = Date.now();
    const verdicts = offers.map((offer) => {
      const { verdict, entry } = judge(state, volunteerId, offer, nowMs);
      if (entry) {
        state.apply(entry.event, entry.result?.record ?? null);
        log.add(entry);
      }
      // A device whose results cannot be taken would be given the same unit for ever.
      if (verdict.code === 'bad-result') {
        const why = { ending: 'fault', reason: verdict.message ?? 'a result was refused' } as const;
        this.record(opened, handBack(state.ledger, offer.unit, keyOf(request), why));
      }
      return verdict;
    });
    // After the results: one that comes late may be what keeps a unit from failing.
    this.record(opened, expire(state.ledger, nowMs));
    const given = wants && this.lease(opened, request, wants.flopsPerSecond, nowMs);
    await log.settled();
    return { verdicts, lease: given, isOver: state.isOver() };
  }

  /** Prolongs a lease. False when the volunteer has none on the unit (any more). Null when there is no such sweep. */
  async heartbeat(sweepId: string, device: Device, unit: number): Promise<boolean | null> {
    const opened = await this.opening(sweepId);
    if (!opened) return null;
    const { ledger } = opened.state;
    const nowMs = Date.now();
    this.record(opened, expire(ledger, nowMs));
    const extended = extend(ledger, unit, keyOf(device), nowMs + leaseMsOf(this.env));
    this.record(opened, extended ? [extended] : []);
    await opened.log.settled();
    return extended !== null;
  }

  /** Ends a lease before its time. Null when there is no such sweep. */
  async handBack(sweepId: string, device: Device, unit: number, why: HandBack): Promise<true | null> {
    const opened = await this.opening(sweepId);
    if (!opened) return null;
    const { ledger } = opened.state;
    this.record(opened, expire(ledger, Date.now()));
    this.record(opened, handBack(ledger, unit, keyOf(device), endingOf(why)));
    await opened.log.settled();
    return true;
  }

  async status(sweepId: string): Promise<Status | null> {
    const opened = await this.opening(sweepId);
    if (!opened) return null;
    await opened.log.settled();
    return statusOf(opened.state, Date.now());
  }

  /** Runs, their cells and where their curves are. */
  async page(sweepId: string, request: PageRequest): Promise<Page | null> {
    const opened = await this.opening(sweepId);
    if (!opened) return null;
    await opened.log.settled();
    return pageOf(opened.state, this.tables, request, Date.now());
  }

  /** Folds and projects; whatever fails is tried again later, and neither waits for the other. */
  override async alarm(): Promise<void> {
    this.alarmIsSet = false;
    const { opened, tables, env } = this;
    if (!opened) return;
    this.unfoldedBytes = 0;
    const chores = [
      () => fold({ ...opened, tables, bucket: env.BLOBS }),
      () => project({ ...opened, tables, db: env.DB }),
    ];
    let failed = false;
    try {
      for (const chore of chores) {
        await chore().catch((error) => {
          failed = true;
          console.error(error);
        });
      }
    } finally {
      this.failures = failed ? this.failures + 1 : 0;
      if (this.hasChores()) this.setAlarm(Math.min(RETRY_MS_MAX, FOLD_AFTER_MS * 2 ** this.failures));
    }
  }

  private lease(opened: Opened, device: Device, flopsPerSecond: number, nowMs: number): Lease | null {
    const { ledger, sweep, sweepId } = opened.state;
    const leaseMs = leaseMsOf(this.env);
    const event = lease(ledger, {
      volunteerId: device.volunteerId,
      deviceId: keyOf(device),
      ...{ nowMs, leaseMs },
      unitSize: (first) => unitSize(sweep, first, flopsPerSecond),
    });
    if (!event) return null;
    this.record(opened, [event]);
    const unit = ledger.open.get(event.unit);
    if (!unit) throw new Error(`unit ${event.unit} was leased and is not open`);
    const heartbeatMs = Math.min(LIMITS.heartbeatMs, Math.floor(leaseMs / 3));
    const runs = missingRuns(unit);
    return { sweepId, unit: event.unit, runs, leaseMs, heartbeatMs, spec: sweep.spec, sweepRuns: sweep.runs };
  }

  private record({ state, log }: Opened, events: readonly LedgerEvent[]): void {
    for (const event of events) {
      state.apply(event, null);
      log.add({ event, result: null });
    }
  }

  private async opening(sweepId: string): Promise<Opened | null> {
    if (!this.opened) {
      const spec = await specOf(this.env.DB, sweepId);
      if (spec === null) return null;
      // Another request may have opened it meanwhile.
      if (!this.tables.exist()) this.tables.create(sweepId, spec);
      if (!this.opened) this.load();
    }
    if (this.opened?.state.sweepId !== sweepId)
      throw new Error(`${sweepId} asked at another sweep's dispatcher`);
    return this.opened;
  }

  private load(): void {
    const { tables } = this;
    const log = new CommitLog({
      tables,
      onCommit: (curveBytes) => {
        this.unfoldedBytes += curveBytes;
        if (this.unfoldedBytes > FOLD_AT_BYTES) this.setAlarm(0);
        else if (!this.alarmIsSet) this.setAlarm(FOLD_AFTER_MS);
      },
      onFailure: (error) => {
        console.error(error);
        this.ctx.abort('a commit failed');
      },
    });
    this.opened = { state: new SweepState(tables), log };
  }

  private hasChores(): boolean {
    return !this.tables.logIsEmpty() || this.tables.lastSeq() > this.tables.meta('projectedSeq');
  }

  private setAlarm(afterMs: number): void {
    this.alarmIsSet = true;
    this.ctx.storage.setAlarm(Date.now() + afterMs);
  }
}
