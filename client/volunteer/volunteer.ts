// The volunteer: acquire a unit, train its runs, submit them, again. No DOM, so a tab's Web Worker and a terminal
// run the same loop. What is finished is delivered until the server has given its verdict.

import { LIMITS } from '../../shared/limits.ts';
import type { RunConfig } from '../../shared/spec/schema.ts';
import { readSweep, runAt } from '../../shared/spec/sweep.ts';
import type { ExchangeReply, HeldUnit, Lease } from '../../shared/work.ts';
import type { EngineInUse } from '../engine/choose.ts';
import type { FromWorker, Phase } from '../engine/messages.ts';
import { demandsOf, NoEngine } from '../engine/others.ts';
import { ApiError } from '../http.ts';
import { telling } from '../words/telling.ts';
import type { Control } from './control.ts';
import { type DatasetShelf, UnusableDataset } from './datasets.ts';
import type { Deliveries } from './deliveries.ts';
import type { LocalRuns } from './local-runs.ts';
import type { Stamina } from './pace.ts';
import { plain } from './plain.ts';
import { UnusableParent, UnusableState } from './prepare.ts';
import { Pulse } from './pulse.ts';
import type { HandBack, WorkServer } from './server.ts';
import type { Throttle } from './throttle.ts';
import { trainUnit } from './unit.ts';

export interface VolunteerOptions {
  server: WorkServer;
  /** Outlives the volunteer: what one engine finished is delivered while the next one works. */
  deliveries: Deliveries;
  local: LocalRuns;
  datasets: DatasetShelf;
  /** What trains runs of a configuration; asked again before every group. Without one: what trained last. */
  chosen: (config?: RunConfig) => EngineInUse;
  /** Makes sure that something does, whatever has to be loaded. Throws NoEngine. */
  suit: (config: RunConfig) => Promise<void>;
  stamina: Stamina;
  /** Floating-point operations per second the engine reached in the benchmark. */
  flopsPerSecond: number;
  /** Stop once no sweep lacks a result. */
  untilDone: boolean;
  /** Also says what to work for first. */
  control: Control;
  throttle?: Throttle;
  report: (message: FromWorker) => void;
}

/** Between deliveries within a unit: soon at first, so that something is to be seen, then seldom. */
const DELIVER_FIRST_MS = 2000;
const DELIVER_LATEST_MS = 30_000;
const NO_VERDICT_MS = 2000;
/** After work that no engine here trains: twice as long each time, since there may be more of it. */
const UNSUITED_MS = { first: 2000, most: 300_000 };
/** How long a volunteer who stops is kept for deliveries and the farewell. */
export const LEAVE_MS = 2000;
const phases = () => telling().phases;

/** Why work is handed back, as the server is told. */
const UNUSABLE = {
  unsuited: (title: string) => `no engine of this device trains "${title}"`,
  unusableData: (title: string) => `the data of "${title}" are not usable`,
  unusableParent: (title: string) => `what "${title}" takes from other runs is not to be had`,
};

/** Works until the volunteer stops it or, with `untilDone`, nothing is left. Throws what the engine throws. */
export async function volunteer(options: VolunteerOptions): Promise<void> {
  await new Volunteer(options).work();
}

class Volunteer {
  private readonly options: VolunteerOptions;
  private held: HeldUnit | null = null;
  /** The unit that was declined last: the server sends who names another unit another way. */
  private declined: HeldUnit | null = null;
  private readonly reached = new Map<number, number>();
  private flopsPerSecond: number;
  private deliverEveryMs = DELIVER_FIRST_MS;
  private unsuitedMs = UNSUITED_MS.first;
  /** What was in hand when this device was last seen; null once the server has said what is. */
  private left: Lease | null = null;
  /** After an exchange that failed. */
  private waitMs = 0;
  /** Why the server takes nothing from this version any more. */
  private outdated: ApiError | null = null;

  constructor(options: VolunteerOptions) {
    this.options = options;
    this.flopsPerSecond = options.flopsPerSecond;
  }

  async work(): Promise<void> {
    const { control, deliveries, local } = this.options;
    try {
      this.held = await local.lastHeld();
      this.left = await local.keptLease();
      await this.deliverFirst();
      while (!control.ending && (await control.go())) {
        this.phase('asking', phases().asking);
        const reply = await this.exchange(true);
        if (reply && !reply.busy) await this.noteLease(reply.lease);
        // What arrives after Finish or Stop is handed back untouched.
        if (control.ending) break;
        if (reply?.lease) await this.unit(reply.lease);
        else if (reply?.allDone && this.options.untilDone) break;
        else if (reply) await this.rest(wordsOf(reply), reply.askAgainMs);
        else await this.goOnAlone();
      }
    } catch (error) {
      if (isOutdated(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      await this.handBack({ why: 'fault', run: null, reason });
      throw error;
    }
    if (this.outdated) throw this.outdated;
    if (deliveries.waiting > 0) this.phase('delivering', phases().delivering);
    await deliveries.flush(control, LEAVE_MS);
    await this.handBack({ why: 'left', run: null, reason: 'the volunteer stopped' });
    this.phase('stopped', telling().stopped);
  }

  /** What an earlier visit left goes out before anything new is asked for. */
  private async deliverFirst(): Promise<void> {
    const { control, deliveries } = this.options;
    for (let before = Number.POSITIVE_INFINITY; !control.ending && deliveries.waiting > 0; ) {
      const reply = await this.exchange(false);
      if (reply?.busy) await this.rest(phases().busy, reply.askAgainMs);
      else if (!reply) await (this.left ? this.goOnAlone() : control.sleep(this.waitMs));
      else if (deliveries.waiting >= before) return;
      else before = deliveries.waiting;
    }
  }

  /** A reload without a connection: what was in hand goes on, and what gets finished waits for the server. */
  private async goOnAlone(): Promise<void> {
    const { left } = this;
    this.left = null;
    if (left && !this.options.control.ending) await this.unit(left);
  }

  private async rest(why: string, ms: number): Promise<void> {
    this.phase('waiting', phases().soon(why));
    await this.options.control.sleep(ms);
  }

  private async noteLease(lease: Lease | null): Promise<void> {
    const { held } = this;
    this.left = null;
    this.held = lease && { sweepId: lease.sweepId, unit: lease.unit };
    this.declined = null;
    if (held?.sweepId !== lease?.sweepId || held?.unit !== lease?.unit) this.reached.clear();
    for (const { run, from } of lease?.runs ?? [])
      this.reached.set(run, Math.max(from, this.reached.get(run) ?? 0));
    await this.options.local.keepOnly(this.held, lease?.runs ?? []);
    if (lease) await this.options.local.keepLease(lease);
  }

  /** Trains the runs of a lease, delivering them as they are done. */
  private async unit(lease: Lease): Promise<void> {
    const { control, deliveries, server } = this.options;
    const checked = readSweep(lease.spec);
    // What the server hands out is checked like what a stranger posts: this machine runs nothing over the limits.
    if (!checked.ok)
      throw new ApiError(`The server sent a sweep that breaks the rules: ${checked.problems[0]?.field}`, 400);
    const { sweepId, unit, heartbeatMs } = lease;
    // What waits for its verdict is not trained again.
    const indices = lease.runs.filter(({ run, from }) => !deliveries.holds(sweepId, run, from));
    if (indices.length === 0) return this.rest(phases().unjudged, NO_VERDICT_MS);
    const onOutdated = (error: ApiError) => this.leaveFor(error);
    const { reached } = this;
    const pulse = new Pulse({ sweepId, unit }, { server, control, heartbeatMs, reached, onOutdated });
    try {
      const listening = this.listening(pulse, indices.length);
      const configs = indices.map(({ run }) => runAt(checked.value, run).config);
      for (const config of demandsOf(configs)) await this.options.suit(config);
      await trainUnit(checked.value, lease, indices, { ...this.options, ...listening, pulse });
      this.unsuitedMs = UNSUITED_MS.first;
    } catch (error) {
      const { title } = checked.value.spec;
      if (error instanceof NoEngine) await this.decline('unsuited', title, error);
      else if (error instanceof UnusableDataset) await this.decline('unusableData', title, error);
      else if (error instanceof UnusableParent) await this.decline('unusableParent', title, error);
      else if (error instanceof UnusableState) await this.dispute(error);
      else throw error;
    } finally {
      pulse.end();
    }
  }

  private listening(pulse: Pulse, runs: number) {
    const { control, deliveries } = this.options;
    let deliveredMs = performance.now();
    let left = runs;
    const onDone = async (done: number) => {
      left -= done;
      // The last delivery travels with the next request for a unit, or with the farewell.
      if (control.ending || pulse.lost) return false;
      const isDue = performance.now() - deliveredMs >= this.deliverEveryMs;
      if (left === 0 || (!isDue && deliveries.waiting < LIMITS.resultsPerExchangeMax)) return true;
      await this.exchange(false);
      deliveredMs = performance.now();
      this.deliverEveryMs = Math.min(2 * this.deliverEveryMs, DELIVER_LATEST_MS);
      return true;
    };
    const onSpeed = (measured: number, isFull: boolean) => {
      // A group with room for more runs tells only how slow the device may be.
      this.flopsPerSecond = isFull ? measured : Math.max(measured, this.flopsPerSecond);
    };
    return { onDone, onSpeed, onBegin: () => this.phase('training', phases().training) };
  }

  private async dispute({ run, message }: UnusableState): Promise<void> {
    this.phase('waiting', phases().calming);
    const words = telling().mishaps.disputed(run, message);
    this.options.report({ type: 'problem', words, fatal: false, code: null, kind: 'handedBack' });
    await this.handBack({ why: 'disputed', run, reason: message });
    // Should nobody else be there to take it, it is not asked for in circles.
    await this.options.control.sleep(NO_VERDICT_MS);
  }

  /** Work that this device can do nothing about. */
  private async decline(why: keyof typeof UNUSABLE, title: string, { message }: Error): Promise<void> {
    const reason = `${UNUSABLE[why](title)}: ${message}`;
    // Before the problem, which would be over by it.
    this.phase('waiting', phases().calming);
    const words = telling().mishaps[why](title, message);
    const kind = why === 'unsuited' ? why : 'handedBack';
    this.options.report({ type: 'problem', words, fatal: false, code: null, kind });
    this.declined = this.held;
    await this.handBack({ why: 'fault', run: null, reason });
    const waitMs = this.unsuitedMs;
    this.unsuitedMs = Math.min(2 * waitMs, UNSUITED_MS.most);
    await this.options.control.sleep(waitMs);
  }

  /** Ends the work in good order because the server has moved on; what is in hand is kept for the new version. */
  private leaveFor(error: ApiError): void {
    this.outdated ??= error;
    this.options.control.stop();
  }

  /** Exchanges with the server, waiting out what passes. Null when the network failed and another try is due. */
  private async exchange(wantsUnit: boolean): Promise<ExchangeReply | null> {
    const { control, deliveries, chosen } = this.options;
    const { prefers } = control;
    if (deliveries.waiting > 0) this.phase('delivering', phases().delivering);
    try {
      const { flopsPerSecond, held, declined } = this;
      const holds = held ?? declined;
      const { replicas } = chosen();
      return await deliveries.exchange({ wantsUnit, holds, prefers, flopsPerSecond, replicas });
    } catch (error) {
      if (isOutdated(error)) {
        this.leaveFor(error);
        return null;
      }
      this.waitMs = deliveries.delayMs(error);
      // In the middle of a unit there is other work to do meanwhile.
      if (wantsUnit) await control.sleep(this.waitMs);
      return null;
    }
  }

  /** Without a hand-back, the lease runs out by itself. */
  private async handBack({ reason, ...why }: HandBack): Promise<void> {
    const { held } = this;
    this.held = null;
    if (held)
      await this.options.server.handBack(held, { ...why, reason: plain(reason) }).catch(() => undefined);
  }

  private phase(phase: Phase, said: string): void {
    this.options.report({ type: 'phase', phase, words: said });
  }
}

const isOutdated = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.code === 'version';

function wordsOf({ busy, allDone }: ExchangeReply): string {
  if (busy) return phases().busy;
  return allDone ? phases().allDone : phases().noUnit;
}
