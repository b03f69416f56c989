// What differs between a browser's Web Worker and Node: how the engines get at their machine.

import type { TfjsPlatform } from './tfjs/engine.ts';

export interface Platform {
  tfjs: TfjsPlatform;
  wasm: WasmPlatform;
  /** The way to the graphics adapters. Throws an Error in plain words, with what to do, where there is none. */
  gpu(): Promise<GPU>;
}

export interface WasmPlatform {
  /** The compiled kernels. */
  kernels(): Promise<WebAssembly.Module>;
  /** Starts a thread that trains replicas, one at a time. */
  spawn(): PoolWorker;
  /** How many threads to train with. */
  threads: number;
}

/** A Web Worker or a thread of Node. */
export interface PoolWorker {
  post(message: unknown): void;
  /** Called with every message of the worker, and with its failure. */
  listen(onMessage: (message: unknown) => void, onError: (error: Error) => void): void;
  end(): void;
}
