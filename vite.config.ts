import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import preact from '@preact/preset-vite';
import { defineConfig, type Plugin, type Rolldown } from 'vite';
import { withEngines } from './client/cli/local/engine-pages.ts';
import { iconFiles } from './client/cli/local/icons.ts';
import type { KeptFiles } from './client/kept-pages.ts';

/** Makes the icons that the page and its manifest name. */
function icons(): Plugin {
  return {
    name: 'icons',
    apply: 'build',
    async generateBundle() {
      for (const [fileName, source] of await iconFiles()) this.emitFile({ type: 'asset', fileName, source });
    },
  };
}

/** Writes into the service worker which files it keeps: names of hashed files, so its version changes with any of them. */
function keptPages(): Plugin {
  return {
    name: 'kept-pages',
    apply: 'build',
    writeBundle({ dir = '' }) {
      const text = (path: string) => readFileSync(join(dir, path), 'utf8');
      const assets = readdirSync(join(dir, 'assets'));
      const page = text('index.html');
      const code = text('sw.js');
      if (/^\s*(import|export)\b/m.test(code)) throw new Error('the service worker is not one script');
      const named = (by: string) => assets.filter((name) => by.includes(name));
      const shell = [
        ...['/favicon.svg', '/icons/favicon-48.png', '/icons/app-192.png', '/manifest.webmanifest'],
        ...named(page).map((name) => `/assets/${name}`),
      ];
      const isShell = (name: string) => shell.includes(`/assets/${name}`);
      const next = (name: string) =>
        /\.js$/.test(name) && !isShell(name)
          ? named(text(`assets/${name}`)).filter((other) => !isLoadedWhereUsed(other))
          : [];
      const training = closure(assets.filter(isTraining), next)
        .filter((name) => !isShell(name))
        .map((name) => `/assets/${name}`);
      const version = createHash('sha256')
        .update(JSON.stringify([shell, training, page, code]))
        .digest('hex');
      const kept: KeptFiles = { version: version.slice(0, 16), shell, training };
      writeFileSync(join(dir, 'sw.js'), `self.kept = ${JSON.stringify(kept)};\n${code}`);
    },
  };
}

/** Where training begins: its page, the tab's part in it, and the Web Worker that trains. */
const isTraining = (name: string) => /^(host|VolunteerPage|tab-session)-[\w-]+\.js$/.test(name);
/** TensorFlow.js is large and only for what the other engines do not train. */
const isLoadedWhereUsed = (name: string) => name.startsWith('tfjs-');

/** What every page begins with is one file beside its entry: many small ones pack worse. */
const shell: Rolldown.CodeSplittingGroup = {
  debugName: 'shell',
  name: (id, graph) => {
    const begun = closure([main], (from) => [...(graph.getModuleInfo(from)?.importedIds ?? [])]);
    return id !== main && begun.includes(id) ? 'shell' : null;
  },
};
const main = join(import.meta.dirname, 'client', 'main.tsx');

/** All that is reached from some names. */
function closure(from: string[], next: (name: string) => string[]): string[] {
  const found = new Set(from);
  for (const name of found) for (const other of next(name)) found.add(other);
  return [...found];
}

export default defineConfig({
  ...withEngines,
  root: 'client',
  publicDir: 'public',
  plugins: [preact(), ...withEngines.plugins, icons(), keptPages()],
  build: {
    ...withEngines.build,
    outDir: '../dist/client',
    rolldownOptions: {
      input: { main: 'client/index.html', sw: 'client/service-worker.ts' },
      output: {
        codeSplitting: { groups: [shell] },
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
