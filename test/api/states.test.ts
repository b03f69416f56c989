import { beforeAll, describe, expect, test } from 'vitest';
import { base64 } from '../../shared/bytes.ts';
import { curveUpTo, decodeCurve, encodeCurve } from '../../shared/curve.ts';
import { LIMITS } from '../../shared/limits.ts';
import type { ErrorReply, SweepReply } from '../../shared/protocol.ts';
import { plainTimeline } from '../../shared/spec/timeline.ts';
import type { ContributorsReply } from '../../shared/volunteers.ts';
import { forget } from '../../worker/cache.ts';
import { sha256 } from '../../worker/digest.ts';
import app from '../../worker/index.ts';
import { call, curveOf, env, FAST, get, newSweep, resultOf, Volunteer } from './world.ts';

let volunteer: Volunteer;
beforeAll(async () => {
  volunteer = await Volunteer.join();
  const sweepId = await newSweep('states');
  const lease = await volunteer.lease(sweepId, FAST);
  await volunteer.say('hand-back', lease);
  unit = { sweepId, unit: lease.unit };
});

const bytesOf = (text: string) => new TextEncoder().encode(text);

const headersOf = (who: Volunteer) => ({
  authorization: `Bearer ${who.token}`,
  'content-type': 'application/octet-stream',
});

/** A unit that everybody here has held, and that is never finished. */
let unit: { sweepId: string; unit: number };
const search = ({ version = '2', ...of }: { version?: string; sweepId?: string; unit?: number } = unit) =>
  new URLSearchParams({ version, ...(JSON.parse(JSON.stringify(of)) as Record<string, string>) });

const put = (who: Volunteer, digest: string, body: BodyInit, of?: Parameters<typeof search>[0]) =>
  call(`/api/work/states/${digest}?${search(of)}`, { method: 'PUT', headers: headersOf(who), body });
const read = (who: Volunteer, digest: string, version = '2') =>
  call(`/api/work/states/${digest}?version=${version}`, { headers: headersOf(who) });

/** Somebody who has held that unit. */
async function another(): Promise<Volunteer> {
  const who = await Volunteer.join();
  await who.say('hand-back', await who.lease(unit.sweepId, FAST));
  return who;
}

const refusal = async (response: Response) => [
  response.status,
  ((await response.json()) as ErrorReply).error.code,
];

describe('the state of a run', () => {
  test('that one volunteer stores is read by another, byte for byte', async () => {
    const bytes = Uint8Array.from({ length: 5_000_000 }, (_, i) => (i * i) >> 7);
    const digest = await sha256(bytes);
    expect((await put(volunteer, digest, bytes)).status).toBe(200);
    const reply = await read(await Volunteer.join(), digest);
    expect([reply.status, reply.headers.get('content-length')]).toEqual([200, '5000000']);
    expect(await sha256(new Uint8Array(await reply.arrayBuffer()))).toBe(digest);
  });

  test('may be stored again, which changes nothing', async () => {
    const bytes = new Uint8Array(3_000_000).fill(7);
    const digest = await sha256(bytes);
    await put(volunteer, digest, bytes);
    const first = await env.BLOBS.head(`states/${digest}`);
    expect((await put(await another(), digest, bytes)).status).toBe(200);
    expect((await env.BLOBS.head(`states/${digest}`))?.version).toBe(first?.version);
  });

  test('is refused where its bytes do not have the digest, and nothing is stored', async () => {
    const digest = await sha256('right');
    const reply = await put(volunteer, digest, bytesOf('wrong'));
    expect(await refusal(reply)).toEqual([400, 'bad-checkpoint']);
    expect(await env.BLOBS.head(`states/${digest}`)).toBeNull();
    expect((await put(volunteer, digest, bytesOf('right'))).status).toBe(200);
  });

  test('that is not stored is not there', async () => {
    expect(await refusal(await read(volunteer, await sha256('never stored')))).toEqual([404, 'not-found']);
  });

  test.each([
    'x',
    'A'.repeat(64),
    'a'.repeat(63),
    `..%2Fbundles%2F${'a'.repeat(64)}`,
    `${'a'.repeat(64)}%00`,
  ])('is not called %s', async (name) => {
    expect(await refusal(await put(volunteer, name, 'x'))).toEqual([404, 'not-found']);
    expect(await refusal(await read(volunteer, name))).toEqual([404, 'not-found']);
  });

  test('says how long it is', async () => {
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(bytesOf('streamed'));
        controller.close();
      },
    });
    const reply = await put(volunteer, await sha256('streamed'), stream);
    expect(await refusal(reply)).toEqual([400, 'bad-request']);
  });

  test('has at most so many bytes', async () => {
    const headers = { ...headersOf(volunteer), 'content-length': String(LIMITS.runStateBytesMax + 1) };
    const init = { method: 'PUT', headers, body: 'x' };
    const reply = await app.request(`/api/work/states/${'a'.repeat(64)}?${search()}`, init, env);
    expect(await refusal(reply)).toEqual([413, 'too-large']);
  });

  test('is taken only from who has held the unit, and while that is open', async () => {
    const digest = await sha256('whose');
    const stranger = await Volunteer.join();
    const lease = await stranger.lease(await newSweep('states-finished'), FAST);
    const places = [
      unit,
      { ...unit, unit: 99 },
      { ...unit, sweepId: 'none-00000000' },
      { ...unit, unit: 1e11 },
    ];
    for (const of of places)
      expect(await refusal(await put(stranger, digest, bytesOf('whose'), of))).toEqual([
        404,
        'no-such-lease',
      ]);
    expect(await env.BLOBS.head(`states/${digest}`)).toBeNull();
    const own = { sweepId: lease.sweepId, unit: lease.unit };
    expect((await put(stranger, digest, bytesOf('whose'), own)).status).toBe(200);
    await stranger.finish(lease.sweepId);
    await stranger.say('hand-back', unit);
    expect(await refusal(await put(stranger, digest, bytesOf('whose'), own))).toEqual([404, 'no-such-lease']);
  });

  test('is not taken from, nor given to, a program of another version', async () => {
    const digest = await sha256('right');
    for (const version of ['1', '3'])
      expect([
        await refusal(await put(volunteer, digest, bytesOf('right'), { version })),
        await refusal(await read(volunteer, digest, version)),
      ]).toEqual([
        [426, 'version'],
        [426, 'version'],
      ]);
    for (const version of ['', 'two'])
      expect(await refusal(await read(volunteer, digest, version))).toEqual([400, 'bad-request']);
    const bad = { ...unit, sweepId: 'no sweep' };
    expect(await refusal(await put(volunteer, digest, bytesOf('right'), bad))).toEqual([400, 'bad-request']);
  });

  test('after very many within a minute is to wait', async () => {
    const who = await another();
    const digest = await sha256('again and again');
    const codes: number[] = [];
    for (let i = 0; i < 121; i++) codes.push((await put(who, digest, bytesOf('again and again'))).status);
    expect([codes.slice(0, 120).every((code) => code === 200), codes[120]]).toEqual([true, 429]);
    expect((await put(volunteer, digest, bytesOf('again and again'))).status).toBe(200);
  });
});

test('a run goes from one volunteer to another, and both get their share of its credit', async () => {
  const large = { task: { p: 97, trainFraction: 0.6 }, model: { embedding: 64, hidden: 128 } };
  const id = await newSweep('handed-over', { ...large, train: { steps: 20_000 }, parameters: {} });
  const [first, second] = [await Volunteer.join('Emmy'), await Volunteer.join('Lise')];
  const whole = curveOf({ steps: 20_000, tMem: 50, tGen: 9000 });
  const decoded = decodeCurve(whole, plainTimeline(20_000));
  if (!decoded.ok) throw new Error(decoded.wrong);
  const half = base64(encodeCurve(curveUpTo(decoded.curve, 10_000)));
  const checkpoint = await sha256('the state at half way');
  const lease = await first.lease(id, FAST);
  const end = [1, 1, 1, 1];
  const segment = { ...resultOf(lease, 0), to: 10_000, curve: half, end, checkpoint };
  const [missing] = await first.deliver(segment);
  expect(missing).toMatchObject({ verdict: 'refused', code: 'bad-checkpoint', to: 10_000 });
  await put(first, checkpoint, bytesOf('the state at half way'), { sweepId: id, unit: lease.unit });
  expect((await first.deliver(segment))[0]?.verdict).toBe('accepted');
  await first.say('hand-back', lease);
  const next = await second.lease(id, FAST);
  expect(next.runs).toEqual([{ run: 0, from: 10_000, checkpoint, end }]);
  const rest = { ...resultOf(next, 0, whole), from: 10_000, start: end };
  expect((await second.deliver(rest))[0]?.verdict).toBe('accepted');
  const { runs } = await get<SweepReply>(`/api/sweeps/${id}`);
  expect(runs[0]).toMatchObject({ state: 'finished', segments: 2, volunteer: 'Lise' });
  await env.DISPATCHER.get(env.DISPATCHER.idFromName(id)).rebuild({ sweepId: id, stripe: 0 });
  forget();
  const { allTime } = await get<ContributorsReply>('/api/contributors');
  const share = (name: string) => allTime.volunteers.find(({ volunteer }) => volunteer === name);
  expect([share('Emmy'), share('Lise')]).toMatchObject([{ runs: 0 }, { runs: 1 }]);
  expect(Math.min(share('Emmy')?.credit ?? 0, share('Lise')?.credit ?? 0)).toBeGreaterThan(0);
});
