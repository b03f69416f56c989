import { CHANNELS, type Channel, type Curve } from '../../shared/curve.ts';
import type { Evaluation, Training } from '../../shared/engine/engine.ts';

/** One run as it is trained: its curve so far, and where to go on after the device was lost. */
export class RunRecord {
  readonly training: Training;
  readonly index: number;
  divergedAt: number | null = null;
  checkpoint: { step: number; bytes: Uint8Array } | null = null;
  /** Its share of the time spent on the runs it was trained with. */
  elapsedMs = 0;
  private steps: number[] = [];
  private evaluations: Evaluation[] = [];

  constructor(index: number, training: Training) {
    this.index = index;
    this.training = training;
  }

  /** Adds an evaluation; after the run diverged there is nothing to add. Returns what is now known of that step. */
  add(step: number, evaluation: Evaluation): Evaluation | null {
    if (this.divergedAt !== null) return null;
    if (!isStorable(evaluation.trainLoss) || !isStorable(evaluation.testLoss)) {
      this.divergedAt = step;
      return null;
    }
    this.steps.push(step);
    this.evaluations.push(evaluation);
    return evaluation;
  }

  /** Forgets what came after the checkpoint: it is trained again. */
  rewind(): void {
    const last = this.checkpoint?.step ?? -1;
    const kept = this.steps.filter((step) => step <= last).length;
    this.steps.length = kept;
    this.evaluations.length = kept;
    if (this.divergedAt !== null && this.divergedAt > last) this.divergedAt = null;
  }

  curve(): Curve {
    const values = (of: keyof Evaluation) => Float32Array.from(this.evaluations, (e) => e[of]);
    const channels = {} as Record<Channel, Float32Array>;
    for (const channel of CHANNELS) channels[channel] = values(FIELDS[channel]);
    return { steps: [...this.steps], channels, divergedAt: this.divergedAt };
  }
}

const FIELDS: Record<Channel, keyof Evaluation> = {
  'train.loss': 'trainLoss',
  'train.accuracy': 'trainAccuracy',
  'test.loss': 'testLoss',
  'test.accuracy': 'testAccuracy',
};

/** Curves are float32: what is too large for that is infinite. */
const isStorable = (loss: number): boolean => Number.isFinite(Math.fround(loss));
