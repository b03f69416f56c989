import { LIMITS } from '../../shared/limits.ts';
import type { ErrorCode } from '../../shared/protocol.ts';
import type { ExchangeReply, FinishedRun } from '../../shared/work.ts';
import type { DeliveredRun, FromWorker } from '../engine/messages.ts';
import { ApiError } from '../http.ts';
import { telling } from '../words/telling.ts';
import type { Control } from './control.ts';
import { digestOf } from './digest.ts';
import { type Keeping, type Kept, keyOf, segmentKey } from './keeping.ts';
import type { Exchange, WorkServer } from './server.ts';
import { type Trouble, troubleOf } from './trouble.ts';

export type Ask = Omit<Exchange, 'results'>;
type Verdict = ExchangeReply['verdicts'][number];

const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 60_000;
const MOST = LIMITS.resultsPerExchangeMax;
/** A result whose state the server still misses after so many uploads is left for the next visit. */
const UPLOADS_MAX = 3;
/** States just delivered are likely to be gone on from: so much of them is kept at hand. */
const AT_HAND_BYTES_MAX = 128 * 1024 ** 2;
/** About the bytes of a result besides its curve and its snapshots, of each of these, and of all that is asked beside. */
const RESULT_BYTES = 1024;
const SNAPSHOT_BYTES = 120;
const EXCHANGE_BYTES = LIMITS.exchangeBytesMax - 8 * RESULT_BYTES;
const ONLY_DELIVER: Ask = {
  ...{ wantsUnit: false, holds: null, prefers: null, flopsPerSecond: 0, replicas: 1 },
};

export interface DeliveriesOptions {
  server: WorkServer;
  keeping: Pick<Keeping, 'outbox' | 'segments'>;
  /** Whose results these are, as `ownerOf` says. */
  owner: string;
  report: (message: FromWorker) => void;
  /** Told of every verdict but one that asks for the state again; must not reject. */
  onVerdict?: (result: FinishedRun) => Promise<void>;
}

/**
 * Finished segments on their way to the server. Each is kept by the device before it is first sent, and until the server
 * has given its verdict, whatever becomes of the engine, the tab or the program.
 */
export class Deliveries {
  private readonly options: DeliveriesOptions;
  private queue: FinishedRun[] = [];
  private readonly uploads = new Map<string, number>();
  private readonly stored = new Set<string>();
  private readonly atHand = new Map<string, Uint8Array<ArrayBuffer>>();
  private failures = 0;
  private hasLeft = false;
  private batch: number = MOST;
  /** The device refused to keep something: it lives in memory only. */
  isAtRisk = false;

  constructor(options: DeliveriesOptions) {
    this.options = options;
  }

  get waiting(): number {
    return this.queue.length;
  }

  /** Takes up what an earlier visit left. What another volunteer made cannot be delivered any more. */
  async open(): Promise<void> {
    const { outbox } = this.options.keeping;
    const entries = await outbox.all();
    const isMine = ({ value }: { value: Kept }) => value.owner === this.options.owner;
    const foreign = entries.filter((entry) => !isMine(entry));
    for (const { value } of foreign) await this.forgetState(value.result);
    await outbox.remove(foreign.map(({ key }) => key));
    if (foreign.length > 0) this.say(telling().mishaps.foreign(foreign.length), null);
    const known = new Set(this.queue.map(keyOf));
    const found = entries.filter(isMine).map(({ value }) => value.result);
    this.queue = [...found.filter((result) => !known.has(keyOf(result))), ...this.queue];
  }

  /** Keeps a result, the state and the snapshots it names. Resolves when they are as safe as this device can make them. */
  async add(
    result: FinishedRun,
    state: Uint8Array<ArrayBuffer> | null,
    snapshots: ReadonlyMap<string, Uint8Array<ArrayBuffer>> = new Map(),
  ): Promise<void> {
    const { outbox, segments } = this.options.keeping;
    const named = [...snapshots];
    if (result.checkpoint && state) named.push([result.checkpoint, state]);
    // These first: a crash between them leaves bytes that nobody asks for, never a result without what it names.
    for (const [digest, bytes] of named) {
      if (!(await segments.save(segmentKey(digest), bytes))) this.isAtRisk = true;
      this.atHand.set(digest, bytes);
    }
    await outbox.put(keyOf(result), { owner: this.options.owner, result });
    this.queue = [...this.queue.filter((one) => keyOf(one) !== keyOf(result)), result];
  }

  /** Whether a result that goes beyond the step waits for its verdict. */
  holds(sweepId: string, run: number, step: number): boolean {
    return this.queue.some((one) => one.sweepId === sweepId && one.run === run && one.to > step);
  }

  /** A state or a snapshot of this device; null where it has it no more. */
  async state(digest: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = this.atHand.get(digest) ?? (await this.options.keeping.segments.load(segmentKey(digest)));
    if (bytes) this.atHand.set(digest, bytes);
    return bytes;
  }

  /** Delivers all that is waiting and, if wanted, asks for a unit: one exchange after the other. Throws as the server does. */
  async exchange(ask: Ask): Promise<ExchangeReply> {
    // A server that has no verdict for what it is sent is not asked in circles.
    for (
      let before = Number.POSITIVE_INFINITY;
      this.next().length < this.waiting && this.waiting < before;
    ) {
      before = this.waiting;
      await this.send({ ...ask, wantsUnit: false });
    }
    return this.send(ask);
  }

  /** How long to wait after a failure: doubling, with jitter. Says so. Throws an error that waiting cannot mend. */
  delayMs(error: unknown): number {
    if (!(error instanceof ApiError && error.isPassing)) throw error;
    const most = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** Math.min(20, this.failures++));
    const waitMs = most * (0.5 + Math.random() / 2);
    const { message, code } = error;
    const kind = troubleOf(message, code);
    const seconds = Math.ceil(waitMs / 1000);
    const words = telling().mishaps.tryingAgain(withoutAdvice(message), kind, this.waiting > 0, seconds);
    this.report({ type: 'problem', words, fatal: false, code, kind });
    return waitMs;
  }

  /** Delivers all that is left, however long it takes; once the volunteer has stopped, only for `lastMs` more. */
  async flush(control: Control, lastMs: number): Promise<void> {
    if (this.hasLeft) return;
    const untilStopped = control.whenStopped().then(() => sleep(lastMs));
    let isOver = false;
    const over = untilStopped.then(() => {
      isOver = true;
    });
    while (this.waiting > 0 && !isOver) {
      let waitMs = 0;
      const sent = this.exchange(ONLY_DELIVER).then(
        (reply) => {
          // Busy, or a state is missing: no verdict, no hurry.
          if (this.waiting > 0) waitMs = Math.max(RETRY_FIRST_MS, reply.askAgainMs);
        },
        (error) => {
          waitMs = this.delayMs(error);
        },
      );
      await Promise.race([sent, over]);
      if (waitMs > 0) await Promise.race([control.stopped ? sleep(waitMs) : control.sleep(waitMs), over]);
    }
    if (this.waiting > 0) this.leave();
  }

  private async send(ask: Ask): Promise<ExchangeReply> {
    const results = await this.uploaded(this.next());
    try {
      const reply = await this.options.server.exchange({ ...ask, results });
      this.failures = 0;
      if (reply.verdicts.length > 0) this.batch = MOST;
      await this.judged(reply.verdicts);
      return reply;
    } catch (error) {
      if (results.length === 0 || !isAboutTheRequest(error)) throw error;
      await this.narrow(ask, results, (error as ApiError).message);
      return this.send(ask);
    }
  }

  /** The oldest results, as many as the server takes at once. */
  private next(): FinishedRun[] {
    let bytes = 0;
    return this.queue.slice(0, this.batch).filter(({ curve, snapshots = {} }, i) => {
      bytes += curve.length + RESULT_BYTES + SNAPSHOT_BYTES * Object.keys(snapshots).length;
      return i === 0 || bytes <= EXCHANGE_BYTES;
    });
  }

  /** One bad result must not keep the others, nor the next visits, from the server: it is sought by halving. */
  private async narrow(ask: Ask, results: readonly FinishedRun[], why: string): Promise<void> {
    this.batch = Math.ceil(results.length / 2);
    if (results.length > 1) return;
    // Throws where it is not the result that is refused.
    await this.options.server.exchange({ ...ask, wantsUnit: false, results: [] });
    await this.drop(results[0] as FinishedRun, why);
  }

  /** Stores what results name, so that these can be sent; without those of which something was refused. */
  private async uploaded(results: readonly FinishedRun[]): Promise<FinishedRun[]> {
    const ready: FinishedRun[] = [];
    for (const result of results) {
      try {
        for (const digest of namedBy(result)) await this.upload(result, digest);
        ready.push(result);
      } catch (error) {
        if (!isAboutTheRequest(error)) throw error;
        const { code, message } = error as ApiError;
        // The unit is finished, or it never was this volunteer's: the server has the last word on the result itself.
        if (code === 'no-such-lease') ready.push(result);
        // What was damaged on its way is sent again with the next exchange.
        else if (code === 'bad-checkpoint' && (await this.isWhole(result))) this.sendAgain(result);
        else await this.drop(result, message);
      }
    }
    return ready;
  }

  private async upload(result: FinishedRun, digest: string): Promise<void> {
    const { server } = this.options;
    const bytes = this.stored.has(digest) ? null : await this.state(digest);
    if (!bytes) return;
    if (digest === result.checkpoint) await server.putState(result, digest, bytes);
    else await server.putSnapshot(result, digest, bytes);
    this.stored.add(digest);
  }

  private async judged(verdicts: readonly Verdict[]): Promise<void> {
    const runs: DeliveredRun[] = [];
    for (const judged of verdicts) {
      const result = this.queue.find((sent) => keyOf(sent) === keyOf(judged));
      if (!result) continue;
      const { code, verdict, message } = judged;
      if (code === 'bad-checkpoint' && (await this.isWhole(result))) {
        this.sendAgain(result);
        continue;
      }
      await this.forget(result, verdict === 'accepted');
      runs.push({ ...nameOf(result), verdict, message });
    }
    if (runs.length > 0) this.report({ type: 'delivered', runs });
  }

  /** Whether this device still has all that a result names: without it the result is of no use to anybody. */
  private async isWhole(result: FinishedRun): Promise<boolean> {
    const digests = namedBy(result);
    for (const digest of digests) {
      const bytes = await this.state(digest);
      if (!bytes || (await digestOf(bytes)) !== digest) return false;
    }
    return digests.length > 0;
  }

  /** What it names once more, and then the result. A server that will not see it must not keep the volunteer from leaving. */
  private sendAgain(result: FinishedRun): void {
    const key = keyOf(result);
    const uploads = (this.uploads.get(key) ?? 0) + 1;
    this.uploads.set(key, uploads);
    for (const digest of namedBy(result)) this.stored.delete(digest);
    if (uploads < UPLOADS_MAX) return;
    this.queue = this.queue.filter((one) => one !== result);
    this.say(telling().mishaps.stateNotFound(result.run, result.to), 'undelivered');
  }

  private async drop(result: FinishedRun, why: string): Promise<void> {
    await this.forget(result, false);
    this.report({ type: 'delivered', runs: [{ ...nameOf(result), verdict: 'refused', message: why }] });
  }

  private async forget(result: FinishedRun, isGoneOnFrom: boolean): Promise<void> {
    this.queue = this.queue.filter((one) => one !== result);
    this.uploads.delete(keyOf(result));
    for (const digest of namedBy(result)) this.stored.delete(digest);
    await this.options.keeping.outbox.remove([keyOf(result)]);
    if (!isGoneOnFrom) for (const digest of namedBy(result)) this.atHand.delete(digest);
    await this.forgetState(result);
    await this.options.onVerdict?.(result);
    this.tidy();
  }

  /** Of what is delivered, only the newest states stay at hand. */
  private tidy(): void {
    const waiting = new Set(this.queue.flatMap(namedBy));
    const sizes = [...this.atHand].reverse().filter(([digest]) => !waiting.has(digest));
    let bytes = 0;
    for (const [digest, state] of sizes) {
      bytes += state.length;
      if (bytes > AT_HAND_BYTES_MAX) this.atHand.delete(digest);
    }
  }

  private async forgetState(result: FinishedRun): Promise<void> {
    for (const digest of namedBy(result)) await this.options.keeping.segments.remove(segmentKey(digest));
  }

  private leave(): void {
    this.hasLeft = true;
    const { lost, undelivered } = telling().mishaps;
    this.say((this.isAtRisk ? lost : undelivered)(this.waiting), 'undelivered');
  }

  private say(words: string, kind: Trouble | null): void {
    this.report({ type: 'problem', words, fatal: false, code: null, kind });
  }

  private report(message: FromWorker): void {
    this.options.report(message);
  }
}

/** Whether the server will never take these very bytes. */
const isAboutTheRequest = (error: unknown): boolean =>
  error instanceof ApiError && error.code !== null && ABOUT_THE_REQUEST.includes(error.code);

const ABOUT_THE_REQUEST: readonly ErrorCode[] = [
  ...(['bad-request', 'too-large', 'not-found', 'no-such-lease', 'run-not-in-unit'] as const),
  ...(['bad-result', 'bad-checkpoint', 'forbidden'] as const),
];

/** What happened, without the advice to try again: that is done here, not by the volunteer. */
const withoutAdvice = (words: string): string => words.replace(/[.;] [^.;]*\btry again\b[^.;]*\.$/i, '.');

/** Digests of the state and the snapshots that must be stored before a result counts. */
const namedBy = ({ checkpoint, snapshots = {} }: FinishedRun): string[] => [
  ...(checkpoint ? [checkpoint] : []),
  ...Object.values(snapshots),
];

const nameOf = ({ sweepId, run, to, checkpoint }: FinishedRun) => ({
  ...{ sweepId, run, to },
  isPart: checkpoint !== null,
});

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
