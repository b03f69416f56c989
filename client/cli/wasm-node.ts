// The wasm engine's machine in Node. The threads run this very file.

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { PoolWorker, WasmPlatform } from '../engine/platform.ts';
import { threadOf } from '../engine/wasm/serve.ts';

const ROLE = 'tabgrad wasm thread';
const KERNELS = new URL('../../shared/engine/wasm/kernels.wasm', import.meta.url);

export const nodeWasm = (threads = availableParallelism()): WasmPlatform => ({
  kernels: async () => WebAssembly.compile(await readFile(KERNELS)),
  spawn,
  threads,
});

function spawn(): PoolWorker {
  const worker = new Worker(new URL(import.meta.url), { workerData: ROLE });
  // A thread keeps the process alive only while it owes a reply.
  let owed = 0;
  worker.unref();
  return {
    post: (message) => {
      if (owed++ === 0) worker.ref();
      worker.postMessage(message);
    },
    listen: (onMessage, onError) => {
      worker.on('message', (message) => {
        if (--owed === 0) worker.unref();
        onMessage(message);
      });
      worker.on('error', onError);
      worker.on('exit', (code) => onError(new Error(`it ended with code ${code}`)));
    },
    end: () => worker.terminate(),
  };
}

if (!isMainThread && workerData === ROLE && parentPort) {
  const port = parentPort;
  port.on(
    'message',
    threadOf((reply) => port.postMessage(reply)),
  );
}
