import { expect, test } from 'vitest';
import { TINY } from '../../../test/configurations.ts';
import { browserWasm } from './browser.ts';
import { wasmPoolEngine } from './pool.ts';

const config = TINY;
const trainings = [0, 1, 2].map((seed) => ({ config, seed }));

test('Web Workers train the same bits as the thread that asks', async () => {
  const platform = browserWasm();
  expect(platform.threads).toBeGreaterThanOrEqual(1);
  const engines = await Promise.all([1, 2].map((threads) => wasmPoolEngine({ ...platform, threads })));
  const sessions = await Promise.all(engines.map((engine) => engine.prepare(trainings)));
  const [points, same] = await Promise.all(sessions.map((session) => session.advance(50, [0, 50])));
  expect(points).toEqual(same);
  expect(await sessions[1]?.save(2)).toEqual(await sessions[0]?.save(2));
  for (const session of sessions) session.dispose();
});
