import { LIMITS } from '../../shared/limits.ts';
import type { ExchangeReply, ExchangeRequest, FinishedRun } from '../../shared/protocol.ts';
import { ApiError } from '../http.ts';
import type { Control } from './control.ts';
import type { WorkServer } from './server.ts';

export type Ask = Pick<ExchangeRequest, 'wantsUnit' | 'holds' | 'prefers' | 'flopsPerSecond'>;

const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 60_000;

/** Finished runs on their way to the server. None leaves the queue before the server has given its verdict. */
export class Deliveries {
  private readonly queue: FinishedRun[] = [];
  private readonly server: WorkServer;
  private failures = 0;

  constructor(server: WorkServer) {
    this.server = server;
  }

  get waiting(): number {
    return this.queue.length;
  }

  add(run: FinishedRun): void {
    this.queue.push(run);
  }

  /** One exchange: everything that is waiting (as much as fits) and, if wanted, a unit. Throws as the server does. */
  async exchange(ask: Ask): Promise<ExchangeReply> {
    const results = this.queue.slice(0, LIMITS.resultsPerExchangeMax);
    const reply = await this.server.exchange({ ...ask, results });
    this.failures = 0;
    const judged = new Set(reply.verdicts.map(({ sweepId, run }) => `${sweepId}:${run}`));
    for (const sent of results) {
      if (judged.has(`${sent.sweepId}:${sent.run}`)) this.queue.splice(this.queue.indexOf(sent), 1);
    }
    return reply;
  }

  /** How long to wait after a failure: doubling, with jitter. Throws an error that waiting cannot mend. */
  retryMs(error: unknown): number {
    if (!(error instanceof ApiError && error.isPassing)) throw error;
    const most = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** this.failures++);
    return most * (0.5 + Math.random() / 2);
  }

  /** Delivers the rest before leaving; gives up after `attempts` failures or when told to stop. */
  async flush(control: Control, attempts: number): Promise<void> {
    for (let tries = 0; this.queue.length > 0 && tries < attempts; ) {
      try {
        await this.exchange({ wantsUnit: false, holds: null, prefers: null, flopsPerSecond: 0 });
      } catch (error) {
        tries++;
        await control.sleep(this.retryMs(error));
      }
    }
  }
}
