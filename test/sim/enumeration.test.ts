import { expect, test } from 'vitest';
import { simulate, twoAtATime } from './processes.ts';

test('every fault and every two faults at the first 200 decision points of a world keep every promise', {
  timeout: 240_000,
}, async () => {
  const reports = await twoAtATime([0, 1], async (first) => {
    const report = await simulate(['enumerate', first, 2]);
    if ('died' in report) throw new Error(report.died);
    return report;
  });
  // A fault is found again by: npm run soak -- --seed SEED --points A,B --verbose
  expect(reports.flatMap(({ violations }) => violations)).toEqual([]);
  expect(reports.reduce((sum, { worlds }) => sum + worlds, 0)).toBe((200 * 201) / 2);
});
