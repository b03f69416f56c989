import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { root } from '../../client/cli/local/processes.ts';

export { root };

/** What is being done now; replaces what was said so before. */
export const status = (words: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${words}`);
};

/** Appends a line for each measurement to the results. */
export function record(
  bench: 'engine' | 'scheduler' | 'kills',
  machine: object,
  measured: readonly object[],
): void {
  const git = (...args: string[]) =>
    spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';
  const commit = `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') ? '+' : ''}`;
  const head = { date: new Date().toISOString().slice(0, 10), commit, machine, bench };
  const lines = measured.map((measurement) => `${JSON.stringify({ ...head, ...measurement })}\n`);
  appendFileSync(join(root, 'test', 'bench', 'results.jsonl'), lines.join(''));
}

/** This machine, as servers are measured on it. */
export const machineOf = () => ({
  ...{ cpu: cpus()[0]?.model ?? '', cores: cpus().length },
  ...{ node: process.version, workerd: versionOf('workerd'), miniflare: versionOf('miniflare') },
});

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
