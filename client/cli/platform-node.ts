import type { Platform } from '../engine/platform.ts';
import { NODE_TFJS } from './tfjs-node.ts';
import { nodeWasm } from './wasm-node.ts';

/**
 * What the engines need of Node. `threads` is how many to train with; as many as there are processors unless given.
 * `instead` is what a user can do who has no WebGPU here.
 */
export const nodePlatform = (
  threads?: number,
  instead = "open the server's page in a browser",
): Platform => ({
  tfjs: NODE_TFJS,
  wasm: nodeWasm(threads),
  gpu: () => nodeGpu(instead),
});

/** WebGPU for Node is a package of 100 MB that few need, so it is not installed with the others. */
async function nodeGpu(instead: string): Promise<GPU> {
  const name = 'webgpu';
  let dawn: { create(options: string[]): GPU; globals: object };
  try {
    dawn = await import(name);
  } catch {
    throw new Error(
      `Node has no WebGPU of its own; get it with "npm install --no-save webgpu@0.6.2", or ${instead}`,
    );
  }
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  if (await gpu.requestAdapter().catch(() => null)) return gpu;
  throw new Error(`The package webgpu finds no graphics adapter on this machine; ${instead}`);
}
