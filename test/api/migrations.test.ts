import { applyD1Migrations, type D1Migration } from 'cloudflare:test';
import { expect, test } from 'vitest';
import type { BoardsReply } from '../../shared/protocol.ts';
import { totals } from '../../worker/store/progress.ts';
import { openSweeps, sweepById } from '../../worker/store/sweeps.ts';
import { env, get } from './world.ts';

const { TEST_MIGRATIONS } = env as unknown as { TEST_MIGRATIONS: D1Migration[] };
const DROPPED = ['cells', 'contributions', 'stripes', 'audits', 'sweeps', 'volunteers', 'researchers'];

test('what was there before sweeps had stripes is all there afterwards', async () => {
  for (const table of [...DROPPED, 'd1_migrations'])
    await env.DB.prepare(`DROP TABLE IF EXISTS ${table}`).run();
  await applyD1Migrations(env.DB, TEST_MIGRATIONS.slice(0, 1));
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
  expect((await get<BoardsReply>('/api/boards')).contributors).toEqual([
    { volunteer: 'Grace', runs: 3, credit: 30 },
  ]);
  expect(await totals(env.DB)).toMatchObject({ sweeps: 2, volunteers: 1, finishedRuns: 3 });
});
