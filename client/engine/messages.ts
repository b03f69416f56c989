// What the page and the volunteer's Web Worker say to each other.

export type ToWorker =
  | { type: 'start'; token: string; deviceId: string; prefers: string | null }
  | { type: 'pause' }
  | { type: 'resume' }
  /** Finish the run in hand, deliver it, hand the rest back and stop. */
  | { type: 'finish' }
  /** Stop now and hand the unit back. */
  | { type: 'stop' };

export type Phase = 'choosing' | 'asking' | 'training' | 'waiting' | 'paused' | 'delivering' | 'stopped';

/** How one way to compute did in the benchmark. */
export interface EngineTrial {
  name: string;
  msPerStep: number | null;
  /** Why it cannot be used here, in words. */
  problem: string | null;
}

export interface RunInHand {
  sweepId: string;
  title: string;
  run: number;
  sweepRuns: number;
  cell: number;
  seed: number;
  /** The searched parameters of the cell, in words. */
  label: string;
  steps: number;
  threshold: number;
}

export interface CurvePoint {
  step: number;
  trainLoss: number;
  trainAccuracy: number;
  testLoss: number;
  testAccuracy: number;
}

export type FromWorker =
  | { type: 'engine'; engine: string; backend: string; msPerStep: number | null; choices: EngineTrial[] }
  | { type: 'phase'; phase: Phase; words: string }
  | { type: 'unit'; sweepId: string; title: string; unit: number; runs: number[]; sweepRuns: number }
  | ({ type: 'run' } & RunInHand)
  | ({ type: 'point'; run: number; msPerStep: number } & CurvePoint)
  | {
      type: 'finished';
      sweepId: string;
      run: number;
      verdict: 'accepted' | 'unneeded' | 'refused' | 'queued';
      message: string | null;
      tMem: number | null;
      tGen: number | null;
      /** The step at which the run diverged; told, like tMem and tGen, when it is queued. */
      divergedAt: number | null;
    }
  /** `code` is the server's error code, where it was the server that refused. */
  | { type: 'problem'; words: string; fatal: boolean; code: string | null };
