import { LIMITS } from '../../shared/limits.ts';
import type { ExchangeReply, ExchangeRequest, FinishedRun } from '../../shared/protocol.ts';
import type { FromWorker } from '../engine/messages.ts';
import { ApiError } from '../http.ts';
import type { Control } from './control.ts';
import type { WorkServer } from './server.ts';

export type Ask = Pick<ExchangeRequest, 'wantsUnit' | 'holds' | 'prefers' | 'flopsPerSecond'>;

const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 60_000;
const LAST_ATTEMPTS = 2;
const MOST = LIMITS.resultsPerExchangeMax;

/**
 * Finished runs on their way to the server. None leaves the queue before the server has given its verdict, whatever
 * becomes of the engine that made it.
 */
export class Deliveries {
  private readonly queue: FinishedRun[] = [];
  private readonly server: WorkServer;
  private readonly report: (message: FromWorker) => void;
  private failures = 0;

  constructor(server: WorkServer, report: (message: FromWorker) => void) {
    this.server = server;
    this.report = report;
  }

  get waiting(): number {
    return this.queue.length;
  }

  add(run: FinishedRun): void {
    this.queue.push(run);
  }

  /** Whether a finished run waits for its verdict. */
  holds(sweepId: string, run: number): boolean {
    return this.queue.some((waiting) => waiting.sweepId === sweepId && waiting.run === run);
  }

  /** Delivers all that is waiting and, if wanted, asks for a unit: one exchange after the other. Throws as the server does. */
  async exchange(ask: Ask): Promise<ExchangeReply> {
    // A server that has no verdict for what it is sent is not asked in circles.
    for (let before = Number.POSITIVE_INFINITY; this.queue.length > MOST && this.queue.length < before; ) {
      before = this.queue.length;
      await this.send({ ...ask, wantsUnit: false });
    }
    return this.send(ask);
  }

  private async send(ask: Ask): Promise<ExchangeReply> {
    const reply = await this.server.exchange({ ...ask, results: this.queue.slice(0, MOST) });
    this.failures = 0;
    for (const { sweepId, run } of reply.verdicts) {
      const at = this.queue.findIndex((sent) => sent.sweepId === sweepId && sent.run === run);
      if (at >= 0) this.queue.splice(at, 1);
    }
    const runs = reply.verdicts.map(({ code: _, ...told }) => told);
    if (runs.length > 0) this.report({ type: 'delivered', runs });
    return reply;
  }

  /** How long to wait after a failure: doubling, with jitter. Says so. Throws an error that waiting cannot mend. */
  delayMs(error: unknown): number {
    if (!(error instanceof ApiError && error.isPassing)) throw error;
    const most = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** this.failures++);
    const waitMs = most * (0.5 + Math.random() / 2);
    const kept = this.queue.length > 0 ? ' Finished runs are kept.' : '';
    const words = `${error.message}${kept} Trying again in ${Math.ceil(waitMs / 1000)} s.`;
    this.report({ type: 'problem', words, fatal: false, code: error.code });
    return waitMs;
  }

  /** Delivers all that is left, however long it takes; once the volunteer has stopped, only a little longer. */
  async flush(control: Control): Promise<void> {
    for (let tries = 0; this.queue.length > 0; ) {
      try {
        await this.exchange({ wantsUnit: false, holds: null, prefers: null, flopsPerSecond: 0 });
      } catch (error) {
        if (control.stopped && ++tries >= LAST_ATTEMPTS) return this.giveUp();
        await control.sleep(this.delayMs(error));
      }
    }
  }

  private giveUp(): void {
    const n = this.queue.length;
    const words = `${n} finished ${n === 1 ? 'run' : 'runs'} could not be delivered; somebody else will train ${n === 1 ? 'it' : 'them'} again.`;
    this.report({ type: 'problem', words, fatal: false, code: null });
  }
}
