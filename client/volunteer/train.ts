import { hex } from '../../shared/bytes.ts';
import { CHANNELS, type Channel, type Curve } from '../../shared/curve.ts';
import { littleEndian } from '../../shared/engine/checkpoint.ts';
import type { Engine, Evaluation, Session, Training } from '../../shared/engine/engine.ts';
import { evaluationSteps } from '../../shared/spec/evaluation-grid.ts';
import type { CurvePoint } from '../engine/messages.ts';
import type { Control } from './control.ts';

export interface TrainedRun {
  curve: Curve;
  weightsDigest: string;
  /** Time spent training and evaluating, pauses left out. */
  elapsedMs: number;
}

export interface TrainOptions {
  engine: Engine;
  training: Training;
  control: Control;
  onPoint: (point: CurvePoint, msPerStep: number) => void;
}

/** Time between two looks at what the volunteer wants. */
const CHUNK_MS = 50;

/** Trains one run to its end and evaluates it on the grid. Null when the volunteer stopped it. */
export async function trainRun({
  engine,
  training,
  control,
  onPoint,
}: TrainOptions): Promise<TrainedRun | null> {
  const session = await engine.prepare(training);
  try {
    const steps = evaluationSteps(training.config.train.steps);
    const recorder = new Recorder();
    const pace = new Pace();
    for (const step of steps) {
      while (session.stepsDone < step) {
        if (!(await control.go())) return null;
        await pace.measure(session, Math.min(step - session.stepsDone, pace.chunk));
        await breathe();
      }
      const evaluation = await pace.time(() => session.evaluate());
      if (!Number.isFinite(evaluation.trainLoss) || !Number.isFinite(evaluation.testLoss)) {
        recorder.divergedAt = step;
        break;
      }
      recorder.add(step, evaluation);
      onPoint({ step, ...evaluation }, pace.msPerStep);
    }
    return {
      curve: recorder.curve(),
      weightsDigest: await digest(await session.weights()),
      elapsedMs: pace.elapsedMs,
    };
  } finally {
    session.dispose();
  }
}

/** Lets timers and messages through. A timer of 0 ms would cost 4 ms when nested. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

class Pace {
  elapsedMs = 0;
  msPerStep = 0;

  /** Steps that take about CHUNK_MS. */
  get chunk(): number {
    return this.msPerStep === 0 ? 1 : Math.max(1, Math.floor(CHUNK_MS / this.msPerStep));
  }

  async measure(session: Session, steps: number): Promise<void> {
    const before = this.elapsedMs;
    await this.time(() => session.step(steps));
    const latest = Math.max(1e-3, (this.elapsedMs - before) / steps);
    this.msPerStep = this.msPerStep === 0 ? latest : 0.8 * this.msPerStep + 0.2 * latest;
  }

  async time<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const value = await work();
    this.elapsedMs += performance.now() - start;
    return value;
  }
}

class Recorder {
  divergedAt: number | null = null;
  private readonly steps: number[] = [];
  private readonly values: Record<Channel, number[]> = {
    'train.loss': [],
    'train.accuracy': [],
    'test.loss': [],
    'test.accuracy': [],
  };

  add(step: number, { trainLoss, trainAccuracy, testLoss, testAccuracy }: Evaluation): void {
    this.steps.push(step);
    this.values['train.loss'].push(trainLoss);
    this.values['train.accuracy'].push(trainAccuracy);
    this.values['test.loss'].push(testLoss);
    this.values['test.accuracy'].push(testAccuracy);
  }

  curve(): Curve {
    const channels = {} as Record<Channel, Float32Array>;
    for (const channel of CHANNELS) channels[channel] = Float32Array.from(this.values[channel]);
    return { steps: this.steps, channels, divergedAt: this.divergedAt };
  }
}

async function digest(weights: Float32Array[]): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', littleEndian(weights)));
  return hex(hash);
}
