import type { Platform } from '../engine/platform.ts';
import { NODE_TFJS } from './tfjs-node.ts';
import { nodeWasm } from './wasm-node.ts';

/** What the engines need of Node. `threads` is how many to train with; as many as there are processors unless given. */
export const nodePlatform = (threads?: number): Platform => ({
  tfjs: NODE_TFJS,
  wasm: nodeWasm(threads),
  gpu: nodeGpu,
});

const HOW =
  'Get it with "npm install --no-save webgpu@0.6.2", or train in a browser: "tabgrad run --browser".';

/** WebGPU for Node is a package of 100 MB that few need, so it is not installed with the others. */
async function nodeGpu(): Promise<GPU> {
  const name = 'webgpu';
  let dawn: { create(options: string[]): GPU; globals: object };
  try {
    dawn = await import(name);
  } catch {
    throw new Error(`Node has no WebGPU of its own, and the package that brings it is not here. ${HOW}`);
  }
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  if (await gpu.requestAdapter().catch(() => null)) return gpu;
  throw new Error(
    'The package webgpu finds no graphics adapter on this machine; try "tabgrad run --browser".',
  );
}
