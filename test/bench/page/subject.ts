import { WebGpuSession } from '../../../client/engine/webgpu/session.ts';
import type { Session } from '../../../shared/engine/engine.ts';

/** An engine with some replicas of a workload loaded, ready to be measured. */
export interface Subject {
  /** Trains every replica by so many steps and waits until that is done. */
  train(steps: number): Promise<void>;
  /** The mean training loss of every replica now. */
  losses(): Promise<number[]>;
  /** Milliseconds of each dispatch of a step, over so many; null where nothing tells. */
  dispatchMs(steps: number): Promise<number[] | null>;
  end(): void;
}

export const sessionSubject = (session: Session): Subject => ({
  async train(steps) {
    await session.advance(session.stepsDone + steps, []);
  },
  async losses() {
    const [evaluations] = await session.advance(session.stepsDone, [session.stepsDone]);
    return (evaluations ?? []).map(({ trainLoss }) => trainLoss);
  },
  async dispatchMs(steps) {
    if (!(session instanceof WebGpuSession)) return null;
    return session.profile(steps);
  },
  end: () => session.dispose(),
});
