// `tabgrad run --browser`: the real command, a real Chromium, and both engines that have a kernel for every operation.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { browserEngine } from '../../client/cli/run-browser.ts';
import type { RunRecord } from '../../client/cli/run-record.ts';
import { runAt } from '../../shared/spec/sweep.ts';
import { readSpecText } from '../../shared/spec/text.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'tabgrad-run-'));
const spec = join(folder, 'short.yaml');
const example = readFileSync(join(root, 'examples', 'weight-decay-decides.yaml'), 'utf8');
writeFileSync(spec, example.replace(/steps: \d+/, 'steps: 100'));

async function run(...args: string[]): Promise<RunRecord[]> {
  const command = [
    join(root, 'client', 'cli', 'main.ts'),
    'run',
    spec,
    '--runs',
    '0,1',
    '--out',
    '-',
    ...args,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: folder });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('wasm computes the same bits in Chromium as in Node', async () => {
  const [here, there] = [await run('--engine', 'wasm'), await run('--engine', 'wasm', '--browser')];
  expect(there.map(({ weightsDigest }) => weightsDigest)).toEqual(
    here.map(({ weightsDigest }) => weightsDigest),
  );
  expect(there.map(({ curves }) => curves)).toEqual(here.map(({ curves }) => curves));
});

test('WebGPU agrees with wasm up to rounding, and memorises at the same step', async () => {
  const [wasm, webgpu] = [await run('--engine', 'wasm'), await run('--engine', 'webgpu', '--browser')];
  expect(webgpu.map(({ index, engine }) => [index, engine])).toEqual([
    [0, 'webgpu'],
    [1, 'webgpu'],
  ]);
  for (const [i, { curves, tMem, steps }] of wasm.entries()) {
    const other = webgpu[i] as RunRecord;
    expect(other.tMem).toBe(tMem);
    const first = steps.filter((step) => step <= 20);
    for (const [at] of first.entries()) {
      const [a, b] = [curves['train.loss'][at], other.curves['train.loss'][at]] as [number, number];
      expect(Math.abs(a - b) / a).toBeLessThan(1e-5);
    }
  }
});

test('where an engine in Chromium fails, the next one there goes on', async () => {
  const engines = await browserEngine({ engine: 'auto', workers: 1, browser: true }, () => undefined);
  try {
    const first = engines.current.engine;
    await engines.next();
    const { engine } = engines.current;
    expect(engine.name).not.toBe(first.name);
    const read = readSpecText(readFileSync(spec, 'utf8'));
    if (!read.ok) throw new Error('the spec is broken');
    const { config, seed } = runAt(read.value, 0);
    const session = await engine.prepare([{ config, seed }]);
    const [evaluations] = await session.advance(1, [1]);
    expect(evaluations?.[0]?.trainLoss).toBeGreaterThan(0);
  } finally {
    await engines.end();
  }
});
