import kernelsUrl from '../../../shared/engine/wasm/kernels.wasm?url';
import type { PoolWorker, WasmPlatform } from '../platform.ts';

const THREADS_MAX = 8;

/** The wasm engine's machine in a browser: a Web Worker for each processor, but not more than are any use. */
export const browserWasm = (): WasmPlatform => ({
  kernels: loadKernels,
  spawn,
  threads: Math.max(1, Math.min(navigator.hardwareConcurrency || 1, THREADS_MAX)),
});

async function loadKernels(): Promise<WebAssembly.Module> {
  const response = await fetch(kernelsUrl);
  if (!response.ok) throw new Error(`the wasm kernels cannot be loaded: HTTP ${response.status}`);
  return WebAssembly.compileStreaming(response);
}

function spawn(): PoolWorker {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  return {
    post: (message) => worker.postMessage(message),
    listen: (onMessage, onError) => {
      worker.addEventListener('message', ({ data }) => onMessage(data));
      worker.addEventListener('messageerror', () => onError(new Error('a message could not be read')));
      worker.addEventListener('error', ({ message }) => onError(new Error(message || 'it could not start')));
    },
    end: () => worker.terminate(),
  };
}
