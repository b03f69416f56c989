// What every engine can do, whatever it computes with. The volunteer loop and the local runner know only this.

import type { RunConfig } from '../spec/schema.ts';

/** Loss and accuracy over the whole training and test sets. Losses are mean cross-entropy; accuracies are in 0 .. 1. */
export interface Evaluation {
  trainLoss: number;
  trainAccuracy: number;
  testLoss: number;
  testAccuracy: number;
}

/** What is trained: a configuration and the seed that fixes its split and initial weights. */
export interface Training {
  config: RunConfig;
  seed: number;
  /** Initial weights of each parameter instead of the seed's, row-major in the graph's order. */
  weights?: Float32Array[];
  /** Task rows to train on instead of the seed's split; all others are the test set. */
  trainRows?: Int32Array;
}

export interface Engine {
  /** For example "tfjs-wasm". */
  readonly name: string;
  /** Results of different versions are not mixed without saying so. */
  readonly version: string;
  prepare(training: Training): Promise<Session>;
}

/** One run being trained. Calls do not overlap. */
export interface Session {
  /** Optimiser updates made so far. */
  readonly stepsDone: number;
  /** Makes `count` full-batch updates. Waits for the device at most once. */
  step(count: number): Promise<void>;
  /** Non-finite where the network diverged. */
  evaluate(): Promise<Evaluation>;
  /** A copy of the current weights of each parameter. */
  weights(): Promise<Float32Array[]>;
  /** The checkpoint's bytes: restoring them, here or elsewhere, and going on equals never having stopped. */
  save(): Promise<Uint8Array>;
  /** Throws when the bytes are not a checkpoint of a run of this shape. */
  restore(checkpoint: Uint8Array): Promise<void>;
  /** Frees the device's memory. The session cannot be used afterwards. */
  dispose(): void;
}
