import { expect, test } from 'vitest';
import { equivalents } from './equivalents.ts';
import { type Planted, planted } from './planted.ts';
import { simulate, twoAtATime } from './processes.ts';
import seeds from './seeds.json' with { type: 'json' };

/** Most bugs show within fifty worlds; some need an accident that is rare, and are looked for where it happened before. */
const WORLDS_MAX = 6000;
const lastSeen: Record<string, number> = seeds.planted;

async function isFound(bug: Planted, worlds: number): Promise<boolean> {
  const seed = lastSeen[bug.name];
  const places = [...(seed === undefined ? [] : [['seeds', seed]]), ['worlds', 0, worlds]];
  for (const place of places) {
    const report = await simulate([...place, '--first'], bug);
    if ('died' in report) throw new Error(`${bug.name}: ${report.died}`);
    if (report.violations.length > 0) return true;
  }
  return false;
}

test(`${planted.length} bugs planted in the code that decides are all found`, {
  timeout: 240_000,
}, async () => {
  const missed = await twoAtATime(planted, async (bug) =>
    (await isFound(bug, WORLDS_MAX)) ? null : bug.name,
  );
  expect(missed.filter((name) => name !== null)).toEqual([]);
});

test.each(equivalents)('$name: no promise is broken, since $why', { timeout: 60_000 }, async (bug) => {
  expect(await isFound(bug, 100)).toBe(false);
});
