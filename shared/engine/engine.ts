// What every engine can do, whatever it computes with. The volunteer loop and the local runner know only this.

import type { PhaseOf } from '../spec/phases.ts';
import type { RunConfig } from '../spec/schema.ts';
import type { Datasets } from '../tasks/task.ts';

/** Loss and accuracy over the whole training and test sets. Losses are means; accuracies are in 0 .. 1. */
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
  weights?: readonly Float32Array[];
  /** Task rows to train on instead of the seed's split; all others are the test set. */
  trainRows?: Int32Array;
  /** For each parameter 1 where a weight is trained and 0 where it is and stays 0; null where all are trained. */
  masks?: readonly (Uint8Array | null)[];
  /** What the task is made from, where it is made from datasets. */
  datasets?: Datasets;
  /** Names of parameters that stay as they are. */
  frozen?: readonly string[];
  /**
   * Trains scores instead of weights, or both: an edge-popup phase with what the scores begin as, one for each weight of
   * each parameter; null where a parameter has none and is never masked.
   */
  popup?: { phase: PhaseOf<'edge-popup'>; scores: readonly (Float32Array | null)[] };
  /**
   * What a programme takes from other runs: the bytes of their snapshots (engine/snapshot.ts), by the place among its phases
   * of the `load` that takes it (`parentsByPlace`).
   */
  parents?: ReadonlyMap<number, Uint8Array>;
}

/** The GPU went away: an abort, never a result. A session that threw it is dead; `Engine.prepare` may work again. */
export class DeviceLost extends Error {
  override name = 'DeviceLost';
}

export interface Engine {
  /** For example "wasm" or "tfjs-webgpu". */
  readonly name: string;
  /** What it computes on, in words: a graphics adapter, or how many processor threads. */
  readonly device: string;
  /** Results of different versions are not mixed without saying so. */
  readonly version: string;
  /** Why it cannot train such a run, in plain words; null where it can. Cheap. */
  refuses(config: RunConfig): string | null;
  /**
   * Loads runs of one shape (`shapeOf` of their configurations) to be trained together, a replica each. Throws an
   * Error in plain words where they do not fit, before anything is allocated.
   */
  prepare(trainings: readonly Training[]): Promise<Session>;
  /** Measures what its device does at best, copying so many bytes; within a second, while nothing trains. */
  peaks?(bytes: number): Promise<Peaks>;
}

/** What a device does at best. */
export interface Peaks {
  /** Multiplications and additions of 32-bit numbers, and nothing else. */
  flopsPerSecond: number;
  /** Read and written. */
  bytesPerSecond: number;
}

/** What a run's curve holds besides its evaluations. */
export interface RunLog {
  /** A number for each of the timeline's columns. */
  measured: readonly { step: number; values: readonly number[] }[];
  /** The step at which each window of the timeline stopped early; null where it did not, or not yet. */
  stops: readonly (number | null)[];
}

/** Replicas being trained. Calls do not overlap. */
export interface Session {
  readonly replicas: number;
  /** Optimiser updates made so far. */
  readonly stepsDone: number;
  /**
   * Trains every replica to step `until`, evaluating at the steps of `evaluateAt`: ascending, none before `stepsDone`,
   * none after `until`. Returns [evaluations][replicas]; numbers are not finite where a network diverged. Waits for
   * the device at most once.
   */
  advance(until: number, evaluateAt: readonly number[]): Promise<Evaluation[][]>;
  /** A copy of a replica's current weights of each parameter, row-major. */
  weights(replica: number): Promise<Float32Array[]>;
  /**
   * Copies of a replica's current masks: for each parameter 1 where a weight is kept and 0 where it is pruned; null where
   * none is. Sessions whose masks never change have no such method: they are the training's own.
   */
  masks?(replica: number): Promise<(Uint8Array | null)[]>;
  /** Of an edge-popup phase: which weights its scores keep, and the scores. */
  popup?(replica: number): Promise<{ masks: (Uint8Array | null)[]; scores: (Float32Array | null)[] }>;
  /** Of a programme: what was measured since the session began or was restored, and where its windows stopped early. */
  logOf?(replica: number): RunLog;
  /** Of a programme that has come to its end: the bytes of a snapshot it made; null where it made none of that name. */
  snapshot?(replica: number, name: string): Uint8Array | null;
  /** A replica's checkpoint: restoring it, here or elsewhere, and going on equals never having stopped. */
  save(replica: number): Promise<Uint8Array>;
  /**
   * Puts a checkpoint of each replica, all of the same step, in their places. Throws when the bytes are not
   * checkpoints of runs of this shape.
   */
  restore(checkpoints: readonly Uint8Array[]): Promise<void>;
  /** Frees the device's memory. The session cannot be used afterwards. */
  dispose(): void;
}
