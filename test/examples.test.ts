import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { specYaml } from '../client/pages/spec-yaml.ts';
import { planOf } from '../shared/engine/plan.ts';
import { LIMITS } from '../shared/limits.ts';
import { runBytes, runCost } from '../shared/spec/cost.ts';
import { cellConfig } from '../shared/spec/sweep.ts';
import { readSpecText } from '../shared/spec/text.ts';

const folder = join(import.meta.dirname, '..', 'examples');
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));

test.each(files)('%s is a sweep that any device can take part in', (file) => {
  const read = readSpecText(readFileSync(join(folder, file), 'utf8'));
  expect(read.ok ? [] : read.problems).toEqual([]);
  if (!read.ok) return;
  const sweep = read.value;
  expect(sweep.spec.name).toBe(basename(file, '.yaml'));
  expect(sweep.spec.description?.length).toBeGreaterThan(100);
  for (let cell = 0; cell < sweep.cells; cell++) {
    const config = cellConfig(sweep, cell);
    expect(runCost(config).flops).toBeLessThan(LIMITS.flopsPerRunMax / 1000);
    expect(runBytes(config)).toBeLessThan(LIMITS.bytesPerRunMax / 10);
    expect(planOf(config).weights.length).toBeGreaterThan(0);
  }
  // What the pages show of it says the same.
  expect(readSpecText(specYaml(sweep.spec))).toEqual(read);
});

test('there is an example of each task and each family of networks', () => {
  const specs = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  for (const kind of ['modular', 'parity', 'embedding-mlp', 'mlp', 'transformer'])
    expect(specs).toContain(`kind: ${kind},`);
});
