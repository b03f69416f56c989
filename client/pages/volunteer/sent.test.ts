import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { curveBytes } from '../../../shared/curve.ts';
import { stateBytes } from '../../../shared/spec/state-size.ts';
import { runAt } from '../../../shared/spec/sweep.ts';
import { readSpecText } from '../../../shared/spec/text.ts';
import { timelineOf } from '../../../shared/spec/timeline.ts';
import { SENT } from './sent.ts';

const folder = join(import.meta.dirname, '../../../examples');

const sizes = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => {
    const read = readSpecText(readFileSync(join(folder, name), 'utf8'));
    if (!read.ok) return [];
    const { config } = runAt(read.value, 0);
    const timeline = timelineOf(config);
    return [{ result: (4 * curveBytes(timeline)) / 3, state: stateBytes(config, timeline) }];
  });

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

test('what a run typically sends is said as it is for the middle one of the examples', () => {
  expect(sizes.length).toBeGreaterThan(50);
  for (const what of ['result', 'state'] as const) {
    const all = sizes.map((size) => size[what]);
    expect(Math.abs(median(all) / SENT[what].typical - 1)).toBeLessThan(0.1);
    expect(Math.max(...all)).toBeLessThan(SENT[what].most);
  }
});
