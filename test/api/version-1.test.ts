import { beforeEach, describe, expect, test } from 'vitest';
import { base64 } from '../../shared/bytes.ts';
import type { SweepReply } from '../../shared/protocol.ts';
import type { ExchangeReply1, FinishedRun1 } from '../../worker/version-1.ts';
import { curveOf, FAST, get, newSweep, patch, post, researcher, resultOf, Volunteer } from './world.ts';

/** A client of the version before, which stayed open over a deployment. */
class OldClient {
  readonly volunteer: Volunteer;

  constructor(volunteer: Volunteer) {
    this.volunteer = volunteer;
  }

  async say<T>(path: string, body: object): Promise<T> {
    const { deviceId, token } = this.volunteer;
    const reply = await post(`/api/work/${path}`, { version: 1, deviceId, ...body }, token);
    if (reply.status !== 200) throw new Error(await reply.text());
    return reply.json();
  }

  exchange(sweepId: string, results: FinishedRun1[] = [], wantsUnit = true): Promise<ExchangeReply1> {
    const ask = { results, wantsUnit, holds: null, prefers: sweepId, flopsPerSecond: FAST };
    return this.say('exchange', ask);
  }
}

const finished = (unit: { sweepId: string; unit: number }, run: number): FinishedRun1 => ({
  ...{ sweepId: unit.sweepId, unit: unit.unit, run, curve: base64(curveOf()) },
  ...{ engine: 'tfjs', engineVersion: '4.22.0', elapsedMs: 3, weightsDigest: 'ab'.repeat(32) },
});

let token: string;
let id: string;
let old: OldClient;
let number = 0;

beforeEach(async () => {
  token = await researcher();
  id = await newSweep(`version-1-${number++}`, {}, { token, stripes: 2 });
  old = new OldClient(await Volunteer.join());
});

describe('a client of version 1', () => {
  test('finishes a sweep', async () => {
    const seen: number[] = [];
    for (let turn = 0; turn < 10; turn++) {
      const { lease, version } = await old.exchange(id);
      expect(version).toBe(1);
      if (lease?.sweepId !== id) break;
      seen.push(...lease.runs);
      expect(await old.say('heartbeat', { sweepId: id, unit: lease.unit })).toMatchObject({ leased: true });
      const { verdicts } = await old.exchange(
        id,
        lease.runs.map((run) => finished(lease, run)),
        false,
      );
      expect(verdicts).toEqual(
        lease.runs.map((run) => ({ sweepId: id, run, verdict: 'accepted', code: null, message: null })),
      );
    }
    expect(seen.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const { sweep, runs } = await get<SweepReply>(`/api/sweeps/${id}`);
    expect(sweep.finishedRuns).toBe(8);
    expect(runs.every(({ segments }) => segments === 1)).toBe(true);
  });

  test('gives a unit back, and one of version 2 goes on with it', async () => {
    const { lease } = await old.exchange(id);
    if (!lease) throw new Error('no lease');
    await old.exchange(id, [finished(lease, lease.runs[0] as number)], false);
    await old.say('hand-back', { sweepId: id, unit: lease.unit, fault: false, reason: 'closed' });
    const next = new Volunteer(old.volunteer.id, old.volunteer.token);
    const second = await next.lease(id, FAST);
    expect([second.unit, second.runs.map(({ run }) => run)]).toEqual([lease.unit, lease.runs.slice(1)]);
    const [verdict] = await next.deliver(resultOf(second, second.runs[0]?.run as number));
    expect(verdict).toMatchObject({ verdict: 'accepted', to: 40 });
  });

  test('delivers a run that was added a moment ago', async () => {
    const { lease } = await old.exchange(id);
    if (!lease) throw new Error('no lease');
    await old.exchange(
      id,
      lease.runs.map((run) => finished(lease, run)),
      false,
    );
    await patch(`/api/sweeps/${id}`, { seeds: 5 }, token);
    for (let turn = 0; turn < 4; turn++) {
      const next = await old.exchange(id);
      if (next.lease?.sweepId !== id) break;
      const { verdicts } = await old.exchange(
        id,
        next.lease.runs.map((run) => finished(next.lease as typeof lease, run)),
        false,
      );
      expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(['accepted']));
    }
    expect((await get<SweepReply>(`/api/sweeps/${id}`)).sweep.finishedRuns).toBe(10);
  });

  test('learns what is wrong in the words of its version', async () => {
    const { verdicts } = await old.exchange(id, [finished({ sweepId: id, unit: 900 }, 0)], false);
    expect(verdicts).toMatchObject([{ run: 0, verdict: 'refused', code: 'no-such-lease' }]);
    await expect(old.say('exchange', { results: [], replicas: 1 })).rejects.toThrow('bad-request');
  });
});
