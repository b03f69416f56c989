// The dispatcher of one stripe of a sweep: hands out its units and takes their results. The desk decides, a log makes it
// last, and no reply leaves before what it says is stored.

import { DurableObject } from 'cloudflare:workers';
import { heldBy, type SweepMode, stepOf } from '../../shared/ledger.ts';
import { LIMITS } from '../../shared/limits.ts';
import type { MyRunsReply } from '../../shared/volunteers.ts';
import type { HandBackRequest, HeartbeatRequest } from '../../shared/work.ts';
import { sha256 } from '../digest.ts';
import { commitMsOf, type Env, leaseMsOf } from '../env.ts';
import * as addressed from '../store/addressed.ts';
import { definitionOf } from '../store/sweeps.ts';
import { type Audit, auditOf } from './audit.ts';
import { Chores } from './chores.ts';
import type { Offer, Verdict } from './decide.ts';
import { Desk, type Device, type Exchanged, keyOf } from './desk.ts';
import { isUseless } from './dispute.ts';
import { CommitLog } from './log.ts';
import { runsOfVolunteer } from './mine.ts';
import { examineSnapshots, type Published } from './published.ts';
import type { Ask } from './size.ts';
import { acceptSocket, answerMessage } from './socket.ts';
import { SweepState } from './state.ts';
import { Tables } from './tables.ts';
import {
  type Data,
  dataOf,
  type Page,
  type PageRequest,
  pageOf,
  type Status,
  statesOf,
  statusOf,
} from './view.ts';

/** Which stripe of which sweep is meant. */
export interface At {
  sweepId: string;
  stripe: number;
}

type Result = Omit<Offer, 'digest' | 'isStateStored' | keyof Published>;

export interface Exchange extends Device {
  results: Result[];
  /** Null: only deliver. */
  wants: Ask | null;
}

export interface Answered extends Omit<Exchanged, 'verdicts'> {
  /** Null where there can be none for the moment: the result is to be sent again. */
  verdicts: (Verdict | null)[];
}

/** How a stripe stands, and what it was told last. */
export interface Standing extends Status {
  mode: SweepMode;
}

type HandBack = Pick<HandBackRequest, 'why' | 'run' | 'reason'>;

interface Opened {
  desk: Desk;
  chores: Chores;
}

const ALARM_LATE_MS = 60_000;

export class Dispatcher extends DurableObject<Env> {
  private readonly tables: Tables;
  private opened: Opened | null = null;
  private alarmAtMs: number | null = null;
  private waiting = 0;
  private turn: Promise<void> = Promise.resolve();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.tables = new Tables(ctx.storage);
    if (!this.tables.exist()) return;
    this.tables.migrate();
    this.wake(this.load().chores);
  }

  /** Knows its stripe from here on. False when there is no such stripe. Safe to repeat; every other method does it. */
  async open(at: At): Promise<boolean> {
    return (await this.opening(at)) !== null;
  }

  /**
   * Takes results, then leases a unit if one is wanted. Safe to repeat. Null when there is no such stripe; busy when too
   * many wait already, and then nothing was done.
   */
  async exchange(at: At, { results, ...request }: Exchange): Promise<Answered | null | 'busy'> {
    if (this.waiting >= LIMITS.exchangesWaitingMax) return 'busy';
    this.waiting++;
    try {
      const opened = await this.opening(at);
      if (!opened) return null;
      const examined = await Promise.all(results.map((result) => this.examined(opened, request, result)));
      // What follows on a result that has to wait waits with it.
      const waiting = new Set(examined.map((offer, i) => (offer ? null : results[i]?.run)));
      const offers = examined.map((offer) => (offer && !waiting.has(offer.run) ? offer : null));
      const judged = offers.filter((offer) => offer !== null);
      const { verdicts, ...reply } = opened.desk.exchange({ ...request, offers: judged }, Date.now());
      await opened.desk.log.settled();
      const inTurn = verdicts.values();
      return { ...reply, verdicts: offers.map((offer) => (offer && inTurn.next().value) ?? null) };
    } finally {
      this.waiting--;
    }
  }

  /** Keeps a lease. False when the device has none on the unit (any more). Null when there is no such stripe. */
  async heartbeat(
    at: At,
    device: Device,
    report: Pick<HeartbeatRequest, 'unit' | 'progress' | 'runs'>,
  ): Promise<boolean | null> {
    const opened = await this.opening(at);
    if (!opened) return null;
    const { desk } = opened;
    const before = desk.log.decisions;
    const leased = desk.heartbeat(device, report, Date.now());
    // Nearly always nothing was decided, and nothing is to be waited for.
    if (desk.log.decisions > before) await desk.log.settled();
    return leased;
  }

  /** Ends a lease before its time. Safe to repeat. Null when there is no such stripe. */
  async handBack(at: At, device: Device, unit: number, { why, run, reason }: HandBack): Promise<true | null> {
    const opened = await this.opening(at);
    if (!opened) return null;
    const { desk } = opened;
    const proven =
      why === 'disputed' && run !== null && (await this.seesForItself(desk, device, { unit, run }));
    const ending = why === 'left' ? 'handed-back' : why;
    desk.handBack(device, unit, { ending, reason, ...(run === null ? {} : { run }), proven }, Date.now());
    await desk.log.settled();
    return true;
  }

  /** Pauses, resumes or cancels, and tells D1. Safe to repeat. Null when there is no such stripe. */
  async change(at: At, mode: SweepMode): Promise<Standing | null> {
    const opened = await this.opening(at);
    if (!opened) return null;
    opened.desk.changeMode(mode, Date.now());
    return this.told(opened);
  }

  /** Opens what failed again, and tells D1. Null when there is no such stripe. */
  async retry(at: At): Promise<Standing | null> {
    const opened = await this.opening(at);
    if (!opened) return null;
    opened.desk.retry(Date.now());
    return this.told(opened);
  }

  /** Takes over a spec with more runs, and tells D1. Safe to repeat. Null when there is no such stripe. */
  async grow(at: At, spec: string): Promise<Standing | null> {
    const opened = await this.opening(at);
    if (!opened) return null;
    opened.desk.grow(spec);
    return this.told(opened);
  }

  async status(at: At): Promise<Standing | null> {
    const opened = await this.opening(at);
    if (!opened) return null;
    await opened.desk.log.settled();
    return standingOf(opened.desk);
  }

  /** The stripe's share of a page of the sweep: runs, their cells and where their curves are. */
  async page(at: At, request: PageRequest): Promise<Page | null> {
    const opened = await this.opening(at);
    if (!opened) return null;
    await opened.desk.log.settled();
    return pageOf(opened.desk, this.tables, request, Date.now());
  }

  /** The stripe's parts. Null when there is no such stripe. */
  async data(at: At): Promise<Data | null> {
    const opened = await this.opening(at);
    if (!opened) return null;
    await opened.desk.log.settled();
    return dataOf(opened.desk.state, this.tables);
  }

  /** Runs of the stripe that a volunteer had a part in. Null when there is no such stripe. */
  async runsOf(at: At, volunteerId: string, from: number): Promise<MyRunsReply | null> {
    const opened = await this.opening(at);
    if (!opened) return null;
    await opened.desk.log.settled();
    return runsOfVolunteer(opened.desk.state, this.tables, { volunteerId, from });
  }

  /** States that runs are to go on from, by their digests. Null when there is no such stripe. */
  async states(at: At): Promise<string[] | null> {
    const opened = await this.opening(at);
    return opened && statesOf(opened.desk.state);
  }

  /** Whether a volunteer has ever held this unit, and it is still open. Null when there is no such stripe. */
  async isTrying(at: At, volunteerId: string, unit: number): Promise<boolean | null> {
    const opened = await this.opening(at);
    if (!opened) return null;
    const { state } = opened.desk;
    const open = state.ledger.open.get(state.localUnit(unit) ?? -1);
    return open?.attempts.some((attempt) => attempt.volunteerId === volunteerId) ?? false;
  }

  /** Tells D1 all that can be derived anew. Safe to repeat; throws where D1 cannot be told. */
  async rebuild(at: At): Promise<true | null> {
    const opened = await this.opening(at);
    if (!opened) return null;
    try {
      await opened.chores.rebuild(Date.now());
    } finally {
      this.wake(opened.chores);
    }
    return true;
  }

  /** Checks what is stored against the promises and against memory. Null when there is no such stripe. */
  async audit(at: At): Promise<Audit | null> {
    const opened = await this.opening(at);
    if (!opened) return null;
    return auditOf(opened.desk, this.tables, this.env.BLOBS);
  }

  /** Opens a device's WebSocket; only the Worker comes here. */
  override fetch(request: Request): Response {
    return acceptSocket(this.ctx, request);
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    return answerMessage(this, this.env, socket, message);
  }

  /** Folds and tells D1; whatever fails is tried again later. */
  override async alarm(): Promise<void> {
    this.alarmAtMs = null;
    if (!this.opened) return;
    const { chores } = this.opened;
    try {
      await chores.run(Date.now());
    } finally {
      this.wake(chores);
    }
  }

  private async opening({ sweepId, stripe }: At): Promise<Opened | null> {
    if (!this.opened) {
      const definition = await definitionOf(this.env.DB, sweepId);
      if (!definition || stripe >= definition.stripes) return null;
      // Another request may have opened it meanwhile.
      if (!this.opened) {
        const { spec, stripes, mode } = definition;
        this.tables.create(sweepId, spec, { stripes, stripe });
        this.load().desk.changeMode(mode, Date.now());
      }
    }
    const { opened } = this;
    const state = opened?.desk.state;
    if (state?.sweepId !== sweepId || state.stripe.stripe !== stripe)
      throw new Error(`stripe ${stripe} of ${sweepId} asked at another's dispatcher`);
    return opened;
  }

  private load(): Opened {
    const { tables } = this;
    const log = new CommitLog({
      tables,
      afterMs: commitMsOf(this.env),
      onCommit: (bytes) => {
        opened.chores.unfoldedBytes += bytes;
        this.wake(opened.chores);
      },
      onFailure: (error) => {
        console.error(error);
        this.ctx.abort('a commit failed');
      },
    });
    const state = new SweepState(tables);
    const opened: Opened = {
      desk: new Desk({ state, log, leaseMs: leaseMsOf(this.env) }),
      chores: new Chores({ state, log, tables, env: () => this.env }, Date.now()),
    };
    this.opened = opened;
    return opened;
  }

  /** Null where the store cannot be asked for the state and the snapshots that the result names. */
  private async examined({ desk }: Opened, { volunteerId }: Device, result: Result): Promise<Offer | null> {
    const { curve, checkpoint } = result;
    const { BLOBS } = this.env;
    const leaving = desk.published(volunteerId, result);
    const look = ({ named, config }: NonNullable<typeof leaving>) =>
      this.inTurn(() => examineSnapshots(BLOBS, named, { config, nowMs: Date.now() }));
    try {
      const [digest, isStateStored, published] = await Promise.all([
        sha256(curve),
        checkpoint !== null && addressed.states.has(BLOBS, checkpoint, Date.now()),
        leaving && look(leaving),
      ]);
      return { ...result, digest, isStateStored, ...published };
    } catch (error) {
      console.error(error);
      return null;
    }
  }

  /** One after the other: a snapshot is read whole, and memory is small. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  /** Whether what a device was to go on from is useless for everybody. */
  private async seesForItself(
    { state }: Desk,
    device: Device,
    disputed: { unit: number; run: number },
  ): Promise<boolean> {
    const run = state.localRun(disputed.run);
    const stands = () => {
      const unit = heldBy(state.ledger, keyOf(device));
      if (run === null || unit === null || unit.unit !== state.localUnit(disputed.unit)) return null;
      const checkpoint = unit.progress.get(run)?.checkpoint;
      const step = stepOf(unit, run);
      return checkpoint === undefined || step === 0 ? null : { checkpoint, step };
    };
    const before = stands();
    if (!before) return false;
    const { config } = state.sized(disputed.run);
    try {
      const useless = await isUseless(this.env.BLOBS, before.checkpoint, { config, step: before.step });
      // Somebody may have got on with it meanwhile.
      return useless && stands()?.checkpoint === before.checkpoint;
    } catch (error) {
      console.error(error);
      return false;
    }
  }

  private async told({ desk, chores }: Opened): Promise<Standing> {
    await desk.log.settled();
    // The alarm tries again.
    await chores.tell(Date.now()).catch((error) => console.error(error));
    return standingOf(desk);
  }

  private wake(chores: Chores): void {
    const nowMs = Date.now();
    const dueInMs = chores.dueInMs(nowMs);
    if (dueInMs === null) return;
    const atMs = nowMs + Math.max(0, dueInMs);
    // An alarm that is a minute late will not ring any more.
    const isDead = this.alarmAtMs !== null && nowMs - this.alarmAtMs > ALARM_LATE_MS;
    if (this.alarmAtMs !== null && !isDead && this.alarmAtMs <= atMs) return;
    this.alarmAtMs = atMs;
    this.ctx.storage.setAlarm(atMs);
  }
}

const standingOf = ({ state }: Desk): Standing => ({
  ...statusOf(state, Date.now()),
  mode: state.ledger.mode,
});
