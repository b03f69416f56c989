import type { Session } from '../../shared/engine/engine.ts';
import type { Control } from './control.ts';
import type { RunRecord } from './record.ts';

const LOOK_MS = 1000;
/** Looking may take at most this share of the time. */
const LOOK_SHARE = 0.03;

export type Look = (session: Session, group: readonly RunRecord[]) => Promise<void>;

/** Has the runs in hand looked at from time to time, while somebody wants to see them. */
export class Looking {
  private readonly control: Pick<Control, 'isShown'>;
  private readonly look: Look | undefined;
  private readonly nowMs: () => number;
  private dueMs = Number.NEGATIVE_INFINITY;

  constructor(
    control: Pick<Control, 'isShown'>,
    look: Look | undefined,
    nowMs: () => number = () => performance.now(),
  ) {
    this.control = control;
    this.look = look;
    this.nowMs = nowMs;
  }

  get isDue(): boolean {
    return this.look !== undefined && this.control.isShown && this.nowMs() >= this.dueMs;
  }

  /** Looks once. What cannot be looked at is not looked at again: it only decorates, and the training says what is wrong. */
  async at(session: Session, group: readonly RunRecord[]): Promise<void> {
    const startMs = this.nowMs();
    try {
      await this.look?.(session, group);
      this.dueMs = startMs + Math.max(LOOK_MS, (this.nowMs() - startMs) / LOOK_SHARE);
    } catch {
      this.dueMs = Number.POSITIVE_INFINITY;
    }
  }
}
