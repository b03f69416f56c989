import { rmSync } from 'node:fs';
import { exitWith, Refusal } from './refusal.ts';
import { defaultStateDir, ownerOf, running } from './state.ts';

const owner = ownerOf(defaultStateDir);
if (owner) {
  exitWith(new Refusal(`Tabgrad is ${running(owner)}. Stop it with Ctrl-C there, then reset again.`));
}
rmSync(defaultStateDir, { recursive: true, force: true });
console.log('All local sweeps, results and the researcher token are gone. npm start begins anew.');
