import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../../../shared/engine/engine.ts';
import type { Candidate } from '../choose.ts';
import { TfjsSession } from './session.ts';

export const TFJS_BACKENDS = ['webgpu', 'wasm', 'cpu'] as const;
export type TfjsBackend = (typeof TFJS_BACKENDS)[number];

/** What differs between a browser and Node. */
export interface TfjsPlatform {
  /** Brings tfjs's gradients in: its builds for browsers and for Node keep them in different modules. */
  registerGradients: () => Promise<unknown>;
  /** Folder the wasm binaries are served from; null where the package finds them itself. */
  wasmFolder: string | null;
}

/** The engine for one tfjs backend. Throws an Error in plain words where the backend does not run here. */
export async function tfjsEngine(backend: TfjsBackend, platform: TfjsPlatform): Promise<Engine> {
  tf.enableProdMode();
  await platform.registerGradients();
  if (backend === 'webgpu') {
    if (!('gpu' in navigator)) throw new Error('there is no WebGPU here');
    await import('@tensorflow/tfjs-backend-webgpu');
  } else if (backend === 'wasm') {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    if (platform.wasmFolder !== null) setWasmPaths(platform.wasmFolder);
  } else await import('@tensorflow/tfjs-backend-cpu');
  const use = async () => {
    if (tf.getBackend() !== backend && !(await tf.setBackend(backend)))
      throw new Error(`${backend} does not start here`);
    await tf.ready();
  };
  await use();
  return {
    name: nameOf(backend),
    version: tf.version_core,
    async prepare(training) {
      await use();
      return new TfjsSession(training);
    },
  };
}

/** Every backend, to choose from. */
export const tfjsCandidates = (platform: TfjsPlatform): Candidate[] =>
  TFJS_BACKENDS.map((backend) => ({ name: nameOf(backend), load: () => tfjsEngine(backend, platform) }));

export const nameOf = (backend: TfjsBackend): string => `tfjs-${backend}`;
