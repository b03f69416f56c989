// Deals replicas out to threads. Each replica is trained by one thread alone, so the results do not depend on how many
// there are.

import type { Engine, Evaluation, Peaks, Session, Training } from '../../../shared/engine/engine.ts';
import { refusalOf } from '../../../shared/engine/needs.ts';
import { checkShapes } from '../../../shared/engine/replica.ts';
import { WASM_CAN, WASM_VERSION, wasmEngine } from '../../../shared/engine/wasm/engine.ts';
import type { WasmPlatform } from '../platform.ts';
import type { Call } from './messages.ts';
import { threadPeaks } from './peaks.ts';
import { Thread } from './thread.ts';

/** The wasm engine on a platform's threads; with one thread it computes where it is called. */
export async function wasmPoolEngine(platform: WasmPlatform): Promise<Engine> {
  const module = await platform.kernels();
  if (platform.threads <= 1) return { ...wasmEngine(module), peaks: threadPeaks };
  let threads: Thread[] = [];
  let sessions = 0;

  /** The threads with the least to do, started where there are too few. */
  const idlest = (count: number): Thread[] => {
    threads = threads.filter(({ death }) => !death);
    while (threads.length < count) threads.push(new Thread(platform.spawn()));
    return [...threads].sort((a, b) => a.sessions - b.sessions).slice(0, count);
  };

  return {
    name: 'wasm',
    version: WASM_VERSION,
    device: `processor, ${platform.threads} threads`,
    refuses: (config) => refusalOf(config, WASM_CAN),
    prepare: async (given) => {
      checkShapes(given);
      const trainings = inSharedMemory(given);
      const chosen = idlest(Math.min(platform.threads, trainings.length));
      return PoolSession.start({ threads: chosen, session: sessions++, module, trainings });
    },
    peaks: async (bytes) => {
      const call: Call = { call: 'peaks', bytes: Math.ceil(bytes / platform.threads) };
      const ofThreads = (await Promise.all(
        idlest(platform.threads).map((thread) => thread.call(call)),
      )) as Peaks[];
      const sum = (of: keyof Peaks) => ofThreads.reduce((total, peaks) => total + peaks[of], 0);
      return { flopsPerSecond: sum('flopsPerSecond'), bytesPerSecond: sum('bytesPerSecond') };
    },
  };
}

/** Datasets in memory that all threads see, where there is such: each would get a copy of its own. */
function inSharedMemory(trainings: readonly Training[]): readonly Training[] {
  if (typeof SharedArrayBuffer === 'undefined') return trainings;
  const moved = new Map<Uint8Array, Uint8Array>();
  const shared = (bytes: Uint8Array): Uint8Array => {
    const known = moved.get(bytes) ?? new Uint8Array(new SharedArrayBuffer(bytes.length));
    if (!moved.has(bytes)) known.set(bytes);
    moved.set(bytes, known);
    return known;
  };
  return trainings.map((training) => {
    if (!training.datasets?.size) return training;
    const datasets = new Map([...training.datasets].map(([digest, bytes]) => [digest, shared(bytes)]));
    return { ...training, datasets };
  });
}

interface Start {
  threads: readonly Thread[];
  session: number;
  module: WebAssembly.Module;
  trainings: readonly Training[];
}

type OfSession = Extract<Call, { session: number }>;
type Unnumbered = OfSession extends infer C ? (C extends OfSession ? Omit<C, 'session'> : never) : never;

class PoolSession implements Session {
  stepsDone = 0;
  readonly replicas: number;
  private readonly threads: readonly Thread[];
  private readonly session: number;

  private constructor({ threads, session, trainings }: Start) {
    this.threads = threads;
    this.session = session;
    this.replicas = trainings.length;
    for (const thread of threads) thread.sessions++;
  }

  static async start(start: Start): Promise<PoolSession> {
    const session = new PoolSession(start);
    const { module, trainings } = start;
    const prepared = await Promise.allSettled(
      session.threads.map((_, i) =>
        session.call(i, { call: 'prepare', module, trainings: session.dealt(trainings, i) }),
      ),
    );
    const failed = prepared.find((result) => result.status === 'rejected');
    if (!failed) return session;
    session.dispose();
    throw failed.reason;
  }

  async advance(until: number, evaluateAt: readonly number[]): Promise<Evaluation[][]> {
    const call = { call: 'advance', until, evaluateAt } as const;
    const parts = (await Promise.all(this.threads.map((_, i) => this.call(i, call)))) as Evaluation[][][];
    this.stepsDone = until;
    return evaluateAt.map((_, e) =>
      Array.from({ length: this.replicas }, (_, replica) => {
        const { thread, place } = this.homeOf(replica);
        return parts[thread]?.[e]?.[place] as Evaluation;
      }),
    );
  }

  weights(replica: number): Promise<Float32Array[]> {
    const { thread, place } = this.homeOf(replica);
    return this.call(thread, { call: 'weights', replica: place }) as Promise<Float32Array[]>;
  }

  popup(replica: number): ReturnType<NonNullable<Session['popup']>> {
    const { thread, place } = this.homeOf(replica);
    return this.call(thread, { call: 'popup', replica: place }) as ReturnType<NonNullable<Session['popup']>>;
  }

  save(replica: number): Promise<Uint8Array> {
    const { thread, place } = this.homeOf(replica);
    return this.call(thread, { call: 'save', replica: place }) as Promise<Uint8Array>;
  }

  async restore(checkpoints: readonly Uint8Array[]): Promise<void> {
    if (checkpoints.length !== this.replicas)
      throw new Error(`${checkpoints.length} checkpoints for ${this.replicas} runs`);
    const ask = (call: 'check' | 'restore') =>
      Promise.all(
        this.threads.map((_, i) => this.call(i, { call, checkpoints: this.dealt(checkpoints, i) })),
      );
    // Nothing is overwritten before every thread has found its checkpoints good.
    const steps = await ask('check');
    if (steps.some((step) => step !== steps[0])) throw new Error('the checkpoints are of different steps');
    await ask('restore');
    this.stepsDone = steps[0] as number;
  }

  dispose(): void {
    this.threads.forEach((thread, i) => {
      thread.sessions--;
      // A thread that is dead or never had the session has nothing to free.
      this.call(i, { call: 'dispose' }).catch(() => undefined);
    });
  }

  private call(thread: number, call: Unnumbered): Promise<unknown> {
    return (this.threads[thread] as Thread).call({ ...call, session: this.session } as Call);
  }

  private homeOf(replica: number): { thread: number; place: number } {
    const { length } = this.threads;
    return { thread: replica % length, place: Math.floor(replica / length) };
  }

  /** What concerns the replicas of one thread. */
  private dealt<T>(ofReplicas: readonly T[], thread: number): T[] {
    return ofReplicas.filter((_, replica) => replica % this.threads.length === thread);
  }
}
