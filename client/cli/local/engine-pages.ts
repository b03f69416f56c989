// How pages are built on which engines compute: those of the site, and those of commands and tests.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin, UserConfig } from 'vite';

const binaries = ['', '-simd', '-threaded-simd'].map((variant) => `tfjs-backend-wasm${variant}.wasm`);
const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'));
const read = (name: string) => readFileSync(join(folder, 'dist', name));

/** Serves the TensorFlow.js wasm binaries at /tfjs/, so that an engine fetches only the one it needs. */
export function tfjsBinaries(): Plugin {
  return {
    name: 'tfjs-binaries',
    configureServer(server) {
      server.middlewares.use('/tfjs', (request, response, next) => {
        const name = binaries.find((binary) => request.url?.split('?')[0] === `/${binary}`);
        if (!name) return next();
        response.setHeader('content-type', 'application/wasm');
        response.end(read(name));
      });
    },
    generateBundle() {
      for (const name of binaries) {
        this.emitFile({ type: 'asset', fileName: `tfjs/${name}`, source: read(name) });
      }
    },
  };
}

/** Of every page on which engines compute, this one's or another. */
export const withEngines = {
  plugins: [tfjsBinaries()],
  worker: {
    format: 'es',
    rolldownOptions: {
      output: {
        chunkFileNames: ({ moduleIds }) =>
          moduleIds.some((id) => /\/(@tensorflow|client\/engine\/tfjs)\//.test(id))
            ? 'assets/tfjs-[name]-[hash].js'
            : 'assets/[name]-[hash].js',
      },
    },
  },
  build: {
    emptyOutDir: true,
    target: 'es2024',
    // TensorFlow.js alone is larger than the default; it is loaded only when training starts.
    chunkSizeWarningLimit: 1500,
  },
} satisfies UserConfig;
