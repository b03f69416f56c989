import type { PoolWorker } from '../platform.ts';
import type { Call, Reply } from './messages.ts';

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** The pool's side of a thread. When the thread dies, all that wait for it get an Error, and so do later calls. */
export class Thread {
  /** Sessions that live in this thread. */
  sessions = 0;
  death: Error | null = null;
  private calls = 0;
  private readonly waiting = new Map<number, Waiting>();
  private readonly worker: PoolWorker;

  constructor(worker: PoolWorker) {
    this.worker = worker;
    worker.listen(
      (message) => this.settle(message as Reply),
      (error) => this.die(error),
    );
  }

  call(call: Call): Promise<unknown> {
    if (this.death) return Promise.reject(this.death);
    const id = this.calls++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.post({ ...call, id });
    });
  }

  private settle(reply: Reply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.value);
  }

  private die(error: Error): void {
    if (this.death) return;
    this.death = new Error(`a thread of the wasm engine stopped: ${error.message}`);
    for (const { reject } of this.waiting.values()) reject(this.death);
    this.waiting.clear();
    this.worker.end();
  }
}
