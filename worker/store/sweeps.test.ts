import { expect, test } from 'vitest';
import { givenSweep } from '../../test/api/hand.ts';
import { env } from '../../test/api/world.ts';
import { amendSweep, sweepById } from './sweeps.ts';

test('a smaller amendment that arrives late makes no sweep smaller', async () => {
  const { id } = await givenSweep('late');
  const grown = (runs: number) => ({ spec: `{"runs":${runs}}`, runs, cells: 2, flops: runs, atMs: runs });
  for (const runs of [12, 10]) await amendSweep(env.DB, id, { grown: grown(runs), priority: runs });
  const row = await sweepById(env.DB, id);
  expect(row?.summary).toMatchObject({ runs: 12, flops: 12, priority: 10 });
  expect(row?.spec).toBe('{"runs":12}');
});

test('a sweep that is cancelled stays so', async () => {
  const { id } = await givenSweep('for-good');
  for (const mode of ['cancelled', 'running', 'paused'] as const) await amendSweep(env.DB, id, { mode });
  expect((await sweepById(env.DB, id))?.summary.mode).toBe('cancelled');
});
