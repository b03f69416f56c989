// What tfjs's backends do not tell by themselves: what they compute on, and that it is gone.

import * as tf from '@tensorflow/tfjs-core';
import { DeviceLost } from '../../../shared/engine/engine.ts';

/** What the WebGPU backend of tfjs 4.22 holds, and no other backend does. */
interface WithGpu {
  device?: GPUDevice;
  adapterInfo?: { vendor?: string; architecture?: string };
}

const active = () => tf.backend() as unknown as WithGpu;

const PROCESSOR: Record<string, string> = { wasm: "processor, through tfjs's wasm", cpu: 'processor' };

/** What the active backend computes on, in words: with the graphics adapter where it tells. */
export function deviceWords(): string {
  const { vendor, architecture } = active().adapterInfo ?? {};
  const adapter = [vendor, architecture].filter(Boolean).join(' ');
  return adapter ? `${tf.getBackend()}: ${adapter}` : (PROCESSOR[tf.getBackend()] ?? tf.getBackend());
}

/** Rejects with DeviceLost when the active backend's device goes away; pending for ever where none can. */
export function deviceLoss(): Promise<never> {
  const lost = active().device?.lost.then(({ message }): never => {
    throw new DeviceLost(message || 'the graphics device is gone');
  });
  // Whoever trains listens; without anybody the loss is no error.
  lost?.catch(() => {});
  return lost ?? new Promise<never>(() => {});
}

/** Puts a new instance in the place of a backend whose device is lost. */
export function replaceBackend(name: string): void {
  const factory = tf.findBackendFactory(name);
  tf.removeBackend(name);
  tf.registerBackend(name, factory);
}
