import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LIMITS } from '../../shared/limits.ts';
import type { SweepReply } from '../../shared/protocol.ts';
import type { Lease } from '../../shared/work.ts';
import { curveOf, FAST, get, newSweep, post, preferring, resultOf, runsOf, Volunteer } from './world.ts';

let id: string;
let volunteer: Volunteer;
let lease: Lease;
let number = 0;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  id = await newSweep(`results-${number++}`);
  volunteer = await Volunteer.join();
  lease = await volunteer.lease(id, FAST);
});
afterEach(() => vi.useRealTimers());

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
const page = () => get<SweepReply>(`/api/sweeps/${id}`);

async function verdictOf(who: Volunteer, ...results: Parameters<Volunteer['deliver']>) {
  return (await who.deliver(...results)).map(({ verdict, code }) => (code ? `${verdict}: ${code}` : verdict));
}

describe('a result is accepted', () => {
  test('once, and acknowledged alike however often it comes', async () => {
    const result = resultOf(lease, 0);
    expect(await verdictOf(volunteer, result, result)).toEqual(['accepted', 'accepted']);
    expect(await verdictOf(volunteer, result)).toEqual(['accepted']);
    expect(await verdictOf(volunteer.another(), result)).toEqual(['accepted']);
    expect((await page()).sweep.finishedRuns).toBe(1);
  });

  test('after its unit was finished, folded away or not', async () => {
    const results = runsOf(lease).map((run) => resultOf(lease, run));
    await volunteer.deliver(...results);
    expect(await verdictOf(volunteer, ...results)).toEqual(results.map(() => 'accepted'));
  });

  test('late, while the run still lacks one', async () => {
    later(LIMITS.leaseMs + 1);
    expect(await verdictOf(volunteer, resultOf(lease, 0))).toEqual(['accepted']);
  });

  test('late, even when somebody else has the unit by now', async () => {
    later(LIMITS.leaseMs + 1);
    const other = await Volunteer.join();
    expect((await other.lease(id)).unit).toBe(lease.unit);
    expect(await verdictOf(volunteer, resultOf(lease, 0))).toEqual(['accepted']);
    expect(runsOf(await other.lease(id))).toEqual(runsOf(lease).slice(1));
  });

  test('late, at the very moment the unit would have failed for want of progress', async () => {
    for (let i = 1; i < LIMITS.attemptsPerUnitMax; i++) {
      later(LIMITS.leaseMs + 1);
      await (await Volunteer.join()).lease(id);
    }
    later(LIMITS.leaseMs + 1);
    expect(await verdictOf(volunteer, resultOf(lease, 0))).toEqual(['accepted']);
    expect((await page()).sweep.failedRuns).toBe(0);
  });
});

describe('a result is not needed', () => {
  test('when somebody else was first', async () => {
    later(LIMITS.leaseMs + 1);
    const other = await Volunteer.join();
    const second = await other.lease(id);
    await other.deliver(resultOf(second, 0));
    expect(await verdictOf(volunteer, resultOf(lease, 0))).toEqual(['unneeded']);
    expect((await page()).runs[0]?.volunteer).toBe(`anonymous ${other.id.slice(0, 4)}`);
  });

  test('when the same volunteer sends other bytes for the run', async () => {
    await volunteer.deliver(resultOf(lease, 0));
    const { digest } = (await page()).runs[0] ?? {};
    expect(await verdictOf(volunteer, resultOf(lease, 0, curveOf({ loss: 3 })))).toEqual(['unneeded']);
    expect((await page()).runs[0]?.digest).toBe(digest);
  });
});

describe('a result is refused, and nothing is stored,', () => {
  afterEach(async () => {
    expect((await page()).sweep.finishedRuns).toBe(0);
    // Nothing was lost either: the right result is still welcome.
    expect(await verdictOf(volunteer, resultOf(lease, 0))).toEqual(['accepted']);
  });

  const withValue = (index: number, value: number) => {
    const curve = curveOf();
    new DataView(curve.buffer).setFloat32(12 + 4 * index, value, true);
    return curve;
  };

  test.each([
    ['with NaN in the curve', withValue(5, Number.NaN)],
    ['with infinity in the curve', withValue(5, Number.POSITIVE_INFINITY)],
    ['with a negative loss', withValue(0, -1)],
    ['with an accuracy over 1', withValue(curveOf().length / 4 - 4, 1.5)],
    ['with the length of another run', curveOf({ steps: 50 })],
    ['with a byte missing', curveOf().slice(0, -1)],
    ['with a byte too many', new Uint8Array([...curveOf(), 0])],
    ['with other bytes', new Uint8Array(500).fill(7)],
    ['without a byte', new Uint8Array()],
  ])('%s', async (_, curve) => {
    expect(await verdictOf(volunteer, resultOf(lease, 0, curve))).toEqual(['refused: bad-result']);
  });

  test('when its curve is not base64', async () => {
    expect(await verdictOf(volunteer, { ...resultOf(lease, 0), curve: '!!!' })).toEqual([
      'refused: bad-result',
    ]);
  });

  test('for a unit that was never leased', async () => {
    expect(await verdictOf(volunteer, resultOf({ sweepId: id, unit: 999 }, 0))).toEqual([
      'refused: no-such-lease',
    ]);
  });

  test('for a sweep that does not exist', async () => {
    const result = resultOf({ sweepId: 'no-such-00000000', unit: 0 }, 0);
    expect(await verdictOf(volunteer, result)).toEqual(['refused: no-such-lease']);
  });

  test("for somebody else's lease, even with the other's device id", async () => {
    const thief = await Volunteer.join();
    const impostor = new Volunteer(thief.id, thief.token, volunteer.deviceId);
    expect(await verdictOf(impostor, resultOf(lease, 0))).toEqual(['refused: no-such-lease']);
  });

  test('for a run outside its unit or its sweep', async () => {
    const outside = [resultOf(lease, lease.runs.length), resultOf(lease, 10_000)];
    expect(runsOf(lease)).not.toContain(outside[0]?.run);
    expect(await verdictOf(volunteer, ...outside)).toEqual([
      'refused: run-not-in-unit',
      'refused: run-not-in-unit',
    ]);
  });
});

test('verdicts come in the order of the results, whatever sweep they belong to', async () => {
  const other = await newSweep(`other-${number++}`);
  const second = await volunteer.lease(other, FAST);
  const holds = { sweepId: other, unit: second.unit };
  const results = [resultOf(second, 0), resultOf(lease, 1), resultOf(second, 99), resultOf(lease, 0)];
  const { verdicts, lease: next } = await volunteer.exchange({
    results,
    wantsUnit: true,
    prefers: preferring(id),
    holds,
  });
  expect(verdicts.map(({ sweepId, run, verdict }) => [sweepId, run, verdict])).toEqual([
    [other, 0, 'accepted'],
    [id, 1, 'accepted'],
    [other, 99, 'refused'],
    [id, 0, 'accepted'],
  ]);
  // The unit it holds comes before the sweep it prefers.
  expect(next?.sweepId).toBe(other);
});

test('too much for one exchange is refused as a whole', async () => {
  const many = Array(LIMITS.resultsPerExchangeMax + 1).fill(resultOf(lease, 0));
  const tooMany = await post('/api/work/exchange', volunteer.request({ results: many }), volunteer.token);
  expect(tooMany.status).toBe(400);
  const huge = { ...resultOf(lease, 0), curve: 'AAAA'.repeat(80_000) };
  const tooLong = await post(
    '/api/work/exchange',
    volunteer.request({ results: [huge, huge] }),
    volunteer.token,
  );
  expect(tooLong.status).toBe(413);
  expect((await page()).sweep.finishedRuns).toBe(0);
});
