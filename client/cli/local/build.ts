import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { root, runTool } from './processes.ts';
import { exitWith, Refusal } from './refusal.ts';

const inputs = [
  'client',
  'client/cli/local/icons.ts',
  'client/cli/local/engine-pages.ts',
  'shared',
  'vite.config.ts',
  'package-lock.json',
];
const stampPath = join(root, 'dist', 'client-built-from');

/** Builds the pages into dist/client unless they were built from these very files. */
export async function buildClient(say: (line: string) => void = () => {}): Promise<void> {
  const fingerprint = fingerprintOf(inputs.map((name) => join(root, name)));
  const isFresh =
    existsSync(join(root, 'dist', 'client', 'index.html')) &&
    existsSync(stampPath) &&
    readFileSync(stampPath, 'utf8') === fingerprint;
  if (isFresh) return;
  say('Building the pages ...');
  rmSync(stampPath, { force: true });
  const env = { ...process.env, NODE_ENV: 'production' };
  const { status, output } = await runTool('vite', ['build', '--logLevel', 'warn'], { env });
  if (status !== 0)
    throw new Refusal(`The pages could not be built:\n${stripVTControlCharacters(output).trim()}`);
  mkdirSync(dirname(stampPath), { recursive: true });
  writeFileSync(stampPath, fingerprint);
}

function fingerprintOf(paths: string[]): string {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesUnder).sort()) hash.update(`${path}\0`).update(readFileSync(path));
  return hash.digest('hex');
}

// Tests and the command line are no part of the pages.
function filesUnder(path: string): string[] {
  if (/\.test\.tsx?$/.test(path) || path === join(root, 'client', 'cli')) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesUnder(join(path, name)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(stampPath, { force: true });
  await buildClient(console.log).catch(exitWith);
}
