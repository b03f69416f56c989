import { applyD1Migrations, type D1Migration } from 'cloudflare:test';
import { expect, test } from 'vitest';
import { phenomenonOf } from '../../shared/spec/phenomenon.ts';
import { canonicalSpec, sweepOf } from '../../shared/spec/sweep.ts';
import type { ContributorsReply } from '../../shared/volunteers.ts';
import { totals } from '../../worker/store/progress.ts';
import { openSweeps, sweepById } from '../../worker/store/sweeps.ts';
import { personById } from '../../worker/store/volunteers.ts';
import { env, get, tinySpec } from './world.ts';

const { TEST_MIGRATIONS } = env as unknown as { TEST_MIGRATIONS: D1Migration[] };
const DROPPED = [
  ...['cells', 'contributions', 'stripes', 'audits', 'sweeps', 'volunteers', 'researchers'],
  ...['teams', 'moves', 'refusals'],
];

/** A database as the migrations up to one leave it. */
async function migratedTo(count: number): Promise<void> {
  for (const table of [...DROPPED, 'd1_migrations'])
    await env.DB.prepare(`DROP TABLE IF EXISTS ${table}`).run();
  await applyD1Migrations(env.DB, TEST_MIGRATIONS.slice(0, count));
}

test('what was there before sweeps had stripes is all there afterwards', async () => {
  await migratedTo(1);
  const rows = [
    "INSERT INTO researchers VALUES ('r', 'Ada', 'hash', 1)",
    "INSERT INTO volunteers VALUES ('v', 'Grace', 1)",
    `INSERT INTO sweeps VALUES ('old-00000000', 'old', 'Old', NULL, '{}', 'd', 'r', 1, 8, 2, 5.5, 3, 1, 17)`,
    `INSERT INTO sweeps VALUES ('new-00000000', 'new', 'New', NULL, '{}', 'e', 'r', 2, 8, 2, 5.5, 0, 0, 0)`,
    "INSERT INTO contributions VALUES ('old-00000000', 'v', 3, 30, 17)",
  ];
  await env.DB.batch(rows.map((row) => env.DB.prepare(row)));
  await applyD1Migrations(env.DB, TEST_MIGRATIONS);
  expect(await sweepById(env.DB, 'old-00000000')).toMatchObject({
    summary: {
      ...{ mode: 'running', priority: 2, finishedRuns: 3, failedRuns: 1, researcher: 'Ada' },
      ...{ runs: 8, postedRuns: 8, grownAtMs: null },
    },
    stripes: 1,
  });
  expect((await env.DB.prepare('SELECT * FROM stripes').all()).results).toEqual([
    { sweep_id: 'old-00000000', stripe: 0, finished_runs: 3, failed_runs: 1, seq: 17 },
  ]);
  expect((await openSweeps(env.DB, 10)).map(({ id }) => id)).toEqual(['new-00000000', 'old-00000000']);
  // Nobody was asked whether they want to be named; and nothing is known of the days.
  const nobody = { volunteers: [], teams: [] };
  expect(await get<ContributorsReply>('/api/contributors')).toEqual({
    lately: { ...nobody, unlisted: { volunteers: 0, runs: 0, credit: 0 } },
    allTime: { ...nobody, unlisted: { volunteers: 1, runs: 3, credit: 30 } },
  });
  expect(await personById(env.DB, 'v')).toEqual({
    ...{ id: 'v', name: 'Grace', isListed: false, createdAtMs: 1, teamId: null },
  });
  expect(await totals(env.DB)).toMatchObject({ sweeps: 2, volunteers: 1, finishedRuns: 3 });
});

test('sweeps that were there before are about what their specs suggest', async () => {
  await migratedTo(3);
  await env.DB.prepare("INSERT INTO researchers VALUES ('r', 'Ada', 'hash', 1, 0)").run();
  const train = { kind: 'train', steps: 10 };
  const prune = { kind: 'prune', fraction: 0.5 };
  const load = { kind: 'load', snapshot: 'early' };
  const following = (...phases: object[]) => ({ programme: 'own', programmes: { own: phases } });
  const repeated = { kind: 'repeat', times: 2, phases: [train, { ...prune, of: 'remaining' }] };
  const early = { kind: 'snapshot', name: 'early' };
  const teacher = { kind: 'teacher', features: 4, teacherHidden: 4, trainRows: 8, testRows: 8 };
  const parity = { kind: 'parity', bits: 8, relevant: 3, trainRows: 50, testRows: 50 };
  const mlp = { model: { kind: 'mlp', hidden: [8] } };
  const changes: object[] = [
    {},
    { task: parity, ...mlp },
    { task: teacher, ...mlp, loss: { kind: 'squared-error' } },
    following(train, prune, train),
    following(repeated, train),
    following({ kind: 'edge-popup', steps: 10, fraction: 0.5 }),
    following(train, prune, { kind: 'rewind' }, train),
    following(train, prune, { kind: 'shuffle-mask' }, train),
    following(train, early, train, { ...load, what: 'mask' }, train),
    following(train, early, train, { ...load, what: 'weights' }, train),
  ];
  const specs = changes.map((more, i) => sweepOf({ ...tinySpec(`about-${i}`, more) }).spec);
  const insert = `INSERT INTO sweeps (id, name, title, spec, spec_digest, researcher_id, created_at, runs, cells, flops)
    VALUES (?, 'n', 't', ?, 'd', 'r', 1, 8, 2, 1)`;
  await env.DB.batch(specs.map((spec, i) => env.DB.prepare(insert).bind(`s-${i}`, canonicalSpec(spec))));
  await applyD1Migrations(env.DB, TEST_MIGRATIONS);
  const { results } = await env.DB.prepare('SELECT phenomenon FROM sweeps ORDER BY id').all();
  const inferred = specs.map(phenomenonOf);
  expect(results.map(({ phenomenon }) => phenomenon)).toEqual(inferred);
  expect([...new Set(inferred)].sort()).toEqual(['grokking', 'lottery-tickets', 'other', 'pruning']);
});
