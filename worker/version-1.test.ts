import { describe, expect, test } from 'vitest';
import type { ExchangeReply } from '../shared/work.ts';
import { readExchange, readHandBack, readHeartbeat } from './messages.ts';
import { exchangeReplyFromNow } from './version-1.ts';

const device = { version: 1, deviceId: 'ab'.repeat(16) };
const unit = { sweepId: 'old-00000000', unit: 3 };
const result = {
  ...{ ...unit, run: 7, curve: 'AAAA', engine: 'tfjs', engineVersion: '4', elapsedMs: 5 },
  weightsDigest: 'cd'.repeat(32),
};
const request = {
  ...device,
  ...{ results: [result], wantsUnit: true, holds: unit, prefers: 'old-00000000', flopsPerSecond: 9 },
};
const lastStepOf = async (_: string, run: number) => (run === 7 ? 40 : null);

const reply = (from: number): ExchangeReply => ({
  version: 2,
  verdicts: [{ sweepId: 'a', run: 7, to: 40, verdict: 'accepted', code: null, message: null }],
  lease: {
    ...{ ...unit, runs: [{ run: 8, from, checkpoint: null, end: null }], segmentSteps: 10 },
    ...{ leaseMs: 90_000, heartbeatMs: 20_000, spec: { name: 'old' } as never, sweepRuns: 9 },
  },
  ...{ askAgainMs: 0, allDone: false, busy: false },
});

describe('what an old client says', () => {
  test('in an exchange: whole runs, one at a time, and no going on from a state', async () => {
    const { request: now } = await readExchange(request, lastStepOf);
    const segment = { from: 0, to: 40, start: null, end: null, checkpoint: null };
    expect(now).toEqual({
      ...{ ...request, results: [{ ...result, ...segment }] },
      ...{ prefers: { sweepId: 'old-00000000', researcher: null }, replicas: 1, continues: false },
    });
  });

  test('of a run that is not known here yet is left without a verdict, so that it is sent again', async () => {
    const early = { ...request, results: [{ ...result, run: 999 }, result] };
    const { request: now } = await readExchange(early, lastStepOf);
    expect(now.results.map(({ run }) => run)).toEqual([7]);
  });

  test('in a heartbeat: nothing of its progress, which is taken to grow', () => {
    const beat = { ...device, ...unit };
    const [first, second] = [readHeartbeat(beat, 1e12), readHeartbeat(beat, 1e12 + 20_000)];
    expect(first).toMatchObject({ ...unit, runs: [] });
    expect(second.progress).toBeGreaterThan(first.progress);
  });

  test.each([
    [true, 'fault'],
    [false, 'left'],
  ])('in a hand-back: fault %s', (fault, why) => {
    const back = readHandBack({ ...device, ...unit, fault, reason: 'tired' });
    expect(back).toEqual({ ...device, ...unit, why, run: null, reason: 'tired' });
  });
});

describe('what an old client is told', () => {
  test('has nothing in it that it does not know', () => {
    const { verdicts, lease, ...rest } = exchangeReplyFromNow(reply(0));
    expect(rest).toEqual({ version: 1, askAgainMs: 0, allDone: false });
    expect(verdicts).toEqual([{ sweepId: 'a', run: 7, verdict: 'accepted', code: null, message: null }]);
    expect(Object.keys(lease ?? {}).sort()).toEqual(
      ['sweepId', 'unit', 'runs', 'leaseMs', 'heartbeatMs', 'spec', 'sweepRuns'].sort(),
    );
    expect(lease?.runs).toEqual([8]);
  });

  test('is never to go on with a run that somebody else began', () => {
    expect(exchangeReplyFromNow(reply(10)).lease).toBeNull();
  });
});

describe('messages of the two versions are not mixed up:', () => {
  const now = { ...request, version: 2 };
  test.each([
    ['words of version 1 in version 2', () => readExchange(now, lastStepOf)],
    ['words of version 2 in version 1', () => readExchange({ ...request, replicas: 1 }, lastStepOf)],
    ['a hand-back', async () => readHandBack({ ...device, ...unit, why: 'left', run: null, reason: 'x' })],
    ['a heartbeat', async () => readHeartbeat({ ...device, version: 2, ...unit }, 0)],
  ])('%s', async (_, read) => {
    await expect(read()).rejects.toMatchObject({ code: 'bad-request' });
  });
});
