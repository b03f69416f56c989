// Worlds in processes of their own: as fast as Node runs them, and two at a time.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Report } from './main.ts';
import type { Planted } from './planted.ts';

const main = join(import.meta.dirname, 'main.ts');
const plant = pathToFileURL(join(import.meta.dirname, 'plant.ts')).href;

/** What the process found; a process that died has found an exception. */
export function simulate(
  args: readonly (string | number)[],
  bug?: Planted,
): Promise<Report | { died: string }> {
  const flags = bug === undefined ? [] : ['--import', plant];
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    ...(bug === undefined ? {} : { PLANTED: JSON.stringify(bug) }),
  };
  const child = spawn(process.execPath, [...flags, main, ...args.map(String)], { env });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  return new Promise((resolve) =>
    child.on('close', (code) => resolve(code === 0 ? JSON.parse(output) : { died: errors })),
  );
}

/** Does the work for every item, two at a time, in their order. */
export async function twoAtATime<T, R>(
  items: readonly T[],
  work: (item: T, i: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const take = async () => {
    while (next < items.length) {
      const i = next++;
      results[i] = await work(items[i] as T, i);
    }
  };
  await Promise.all([take(), take()]);
  return results;
}
