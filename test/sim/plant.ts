// Loaded before everything else in a process of its own: changes one module's source on its way in.
//   PLANTED='{"file": ..., "from": ..., "to": ...}' node --import ./test/sim/plant.ts test/sim/main.ts worlds 0 300

import { registerHooks } from 'node:module';
import type { Planted } from './planted.ts';

const bug: Planted = JSON.parse(process.env.PLANTED ?? 'null');
let isPlanted = false;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(`/${bug.file}`)) return loaded;
    const source = new TextDecoder().decode(loaded.source as Uint8Array);
    if (source.split(bug.from).length !== 2)
      throw new Error(`${bug.name}: ${bug.file} does not say exactly once: ${bug.from}`);
    isPlanted = true;
    return { ...loaded, source: source.replace(bug.from, () => bug.to) };
  },
});

process.on('exit', () => {
  if (!isPlanted) throw new Error(`${bug.name}: ${bug.file} was never loaded`);
});
