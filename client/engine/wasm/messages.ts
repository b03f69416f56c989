// What the pool and its threads say to each other. Every request gets one reply.

import type { Training } from '../../../shared/engine/engine.ts';

/** `session` is a number the pool chose. */
export type Call =
  | { call: 'prepare'; session: number; module: WebAssembly.Module; trainings: readonly Training[] }
  | { call: 'advance'; session: number; until: number; evaluateAt: readonly number[] }
  | { call: 'weights'; session: number; replica: number }
  | { call: 'popup'; session: number; replica: number }
  | { call: 'save'; session: number; replica: number }
  /** Answered with the checkpoints' step. */
  | { call: 'check'; session: number; checkpoints: readonly Uint8Array[] }
  | { call: 'restore'; session: number; checkpoints: readonly Uint8Array[] }
  | { call: 'dispose'; session: number }
  /** Of no session: what the thread does at best, copying so many bytes. */
  | { call: 'peaks'; bytes: number };

export type Request = Call & { id: number };
export type Reply = { id: number; value: unknown } | { id: number; error: string };
