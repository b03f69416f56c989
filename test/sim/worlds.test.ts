import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { siteNames } from './chance.ts';
import { simulate, twoAtATime } from './processes.ts';
import seeds from './seeds.json' with { type: 'json' };

const FIXED = 1000;
const BY_COMMIT = 4000;

/** Another commit, other worlds; without one, always the same. */
function firstSeed(): number {
  try {
    const commit = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' });
    return FIXED + Number.parseInt(commit.slice(0, 8), 16);
  } catch {
    return FIXED;
  }
}

const replay = (seed: number) => `npm run soak -- --seed ${seed} --verbose`;

async function kept(args: readonly (string | number)[]) {
  const report = await simulate(args);
  if ('died' in report) throw new Error(report.died);
  expect(report.violations.map((one) => ({ ...one, replay: replay(one.seed) }))).toEqual([]);
  expect(report.nondeterministic).toEqual([]);
  return report;
}

test('worlds that once broke a promise do so no more', { timeout: 60_000 }, async () => {
  const { worlds } = await kept(['seeds', ...seeds.worlds]);
  expect(worlds).toBe(seeds.worlds.length);
});

test('5,000 worlds full of faults keep every promise, and the same seed always tells the same story', {
  timeout: 180_000,
}, async () => {
  const half = BY_COMMIT / 2;
  const first = firstSeed();
  const parts = [
    ['worlds', 0, FIXED],
    ['worlds', first, half],
    ['worlds', first + half, half],
  ];
  const reports = await twoAtATime(parts, kept);
  expect(reports.reduce((sum, { worlds }) => sum + worlds, 0)).toBe(FIXED + BY_COMMIT);
  const sum = (of: 'fired' | 'logged', name: string) =>
    reports.reduce((all, report) => all + (report[of][name] ?? 0), 0);
  for (const site of siteNames) expect(sum('fired', site), site).toBeGreaterThan(20);
  for (const type of [
    'leased',
    'extended',
    'advanced',
    'accepted',
    'rewound',
    'failed',
    'reopened',
    'grown',
    'mode',
  ])
    expect(sum('logged', type), type).toBeGreaterThan(50);
});
