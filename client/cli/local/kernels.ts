// Compiles the kernels of the wasm engine. The result is committed, because Workers refuse to compile WebAssembly.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { root } from './processes.ts';
import { exitWith, Refusal } from './refusal.ts';

const folder = join(root, 'shared', 'engine', 'wasm', 'assembly');
export const kernelsPath = join(root, 'shared', 'engine', 'wasm', 'kernels.wasm');

const flags = [
  '--runtime',
  'stub',
  '--importMemory',
  '--noExportMemory',
  '--noAssert',
  '--enable',
  'simd',
  '-O3',
  '--converge',
];

/** The module's bytes; the same sources give the same bytes. Throws a Refusal with the compiler's words. */
export async function compileKernels(): Promise<Uint8Array> {
  let bytes: Uint8Array | null = null;
  const { error, stderr } = await asc.main(['index.ts', '--outFile', 'kernels.wasm', ...flags], {
    readFile: (name) => readSource(name),
    writeFile: (_, contents) => {
      bytes = contents as Uint8Array;
    },
    listFiles: (name) => readdirSync(join(folder, name)),
  });
  if (error || !bytes) throw new Refusal(`The kernels do not compile:\n${stderr.toString().trim()}`);
  return bytes;
}

function readSource(name: string): string | null {
  try {
    // The compiler adds an extension where, as everywhere here, there is one.
    return readFileSync(join(folder, name.replace('.ts.ts', '.ts')), 'utf8');
  } catch {
    // The compiler asks for files that may exist.
    return null;
  }
}

async function main(): Promise<void> {
  const bytes = await compileKernels();
  writeFileSync(kernelsPath, bytes);
  console.log(`${kernelsPath}: ${bytes.length} bytes`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main().catch(exitWith);
