import { runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { base64 } from '../../shared/bytes.ts';
import { curveUpTo, decodeCurve, encodeCurve } from '../../shared/curve.ts';
import { LIMITS } from '../../shared/limits.ts';
import type { SweepReply, VolunteerReply } from '../../shared/protocol.ts';
import { plainTimeline } from '../../shared/spec/timeline.ts';
import type { ContributorsReply, ExportReply, MeReply, MyRunsReply } from '../../shared/volunteers.ts';
import { forget } from '../../worker/cache.ts';
import app from '../../worker/index.ts';
import { joinTeam } from '../../worker/store/teams.ts';
import { deletePerson } from '../../worker/store/volunteers.ts';
import {
  call,
  curveOf,
  dispatcher,
  env,
  FAST,
  get,
  newSweep,
  own,
  patch,
  post,
  resultOf,
  runsOf,
  Volunteer,
} from './world.ts';

let id: string;
let volunteer: Volunteer;
let number = 0;

beforeEach(async () => {
  forget();
  id = await newSweep(`mine-${number++}`);
  volunteer = await Volunteer.join();
});
afterEach(() => vi.useRealTimers());

async function read<T>(path: string, { token }: Volunteer = volunteer): Promise<T> {
  const response = await own('GET', path, token);
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}
const mine = (who = volunteer) => read<MeReply>('/api/me', who);
const myRuns = (who = volunteer, query = '') => read<MyRunsReply>(`/api/me/runs/${id}${query}`, who);
const told = () => runDurableObjectAlarm(dispatcher(id));
const status = async (response: Promise<Response>) => (await response).status;

describe('what the server holds of a volunteer', () => {
  test('is nearly nothing at first, and no name is shown', async () => {
    expect(await mine()).toEqual({
      ...{ volunteerId: volunteer.id, name: null, isListed: false, team: null, sweeps: [], refused: [] },
      createdAtMs: expect.any(Number),
      ...{ accepted: { runs: 0, credit: 0 }, lately: { runs: 0, credit: 0 } },
    });
  });

  test('is what was accepted, sweep by sweep, of all time and lately', async () => {
    const lease = await volunteer.lease(id, FAST);
    await volunteer.deliver(resultOf(lease, 0), resultOf(lease, 3), resultOf(lease, 3));
    await told();
    const work = { runs: 2, credit: 2 };
    expect(await mine()).toMatchObject({
      ...{ accepted: work, lately: work },
      sweeps: [{ sweepId: id, title: expect.stringContaining('Tiny sweep'), ...work }],
    });
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 29 * 24 * 3600_000);
    expect(await mine()).toMatchObject({ accepted: work, lately: work });
    vi.setSystemTime(Date.now() + 24 * 3600_000);
    expect(await mine()).toMatchObject({ accepted: work, lately: { runs: 0, credit: 0 } });
  });

  test('is nobody else’s: two who work on one sweep see each their own', async () => {
    const other = await Volunteer.join();
    const lease = await volunteer.lease(id);
    await volunteer.deliver(resultOf(lease, runsOf(lease)[0] as number));
    const second = await other.lease(id);
    await other.deliver(resultOf(second, 99));
    await told();
    expect((await mine(other)).refused).toMatchObject([{ run: 99 }]);
    expect([(await mine()).refused, (await mine(other)).sweeps]).toEqual([[], []]);
    expect((await myRuns(other)).runs).toEqual([]);
    expect((await myRuns()).runs.map(({ run }) => run)).toEqual(runsOf(lease));
    const text = await (await own('GET', '/api/me/export', other.token)).text();
    expect(text).not.toContain(volunteer.id);
  });

  test('no other site may read', async () => {
    const { headers } = await own('GET', '/api/me', volunteer.token);
    expect([headers.get('access-control-allow-origin'), headers.get('cache-control')]).toEqual([
      null,
      'no-store',
    ]);
  });
});

describe('results that were not taken', () => {
  const wrong = () => resultOf({ sweepId: id, unit: 0 }, 0);
  const many = (from: number, count: number, who = volunteer) =>
    who.deliver(...Array.from({ length: count }, (_, i) => ({ ...wrong(), run: from + i })));

  test('are kept with the reason, once each', async () => {
    for (let i = 0; i < 2; i++) expect((await volunteer.deliver(wrong()))[0]?.verdict).toBe('refused');
    const words = 'This volunteer never held a lease on that unit.';
    const refused = { sweepId: id, run: 0, to: 40, code: 'no-such-lease', message: words };
    expect((await mine()).refused).toEqual([{ ...refused, atMs: expect.any(Number) }]);
  });

  test('are not those that can be sent again as soon as what is missing is stored', async () => {
    const lease = await volunteer.lease(id);
    const whole = resultOf(lease, 0);
    const read = decodeCurve(curveOf(), plainTimeline(40));
    if (!read.ok) throw new Error(read.wrong);
    const half = base64(encodeCurve(curveUpTo(read.curve, 20)));
    const part = { to: 20, end: [1, 1, 1, 1], checkpoint: 'ab'.repeat(32), curve: half };
    expect((await volunteer.deliver({ ...whole, ...part }))[0]).toMatchObject({ code: 'bad-checkpoint' });
    expect((await mine()).refused).toEqual([]);
    const wrongPart = { ...whole, ...part, end: null };
    expect((await volunteer.deliver(wrongPart))[0]).toMatchObject({ code: 'bad-result' });
    expect((await mine()).refused).toMatchObject([{ run: 0, to: 20, code: 'bad-result' }]);
  });

  test('are the newest only, and for ninety days', async () => {
    await many(0, 60);
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 1000);
    await many(60, 60);
    const kept = (await mine()).refused.map(({ run }) => run);
    expect(kept).toHaveLength(LIMITS.refusalsKeptMax);
    expect(kept.slice(0, 60)).toEqual(Array.from({ length: 60 }, (_, i) => 60 + i));
    vi.setSystemTime(Date.now() + LIMITS.refusalsKeptMs + 1);
    expect((await mine()).refused).toEqual([]);
    const hourly = { cron: '17 * * * *', scheduledTime: Date.now(), noRetry: () => {} };
    await app.scheduled(hourly as ScheduledController, env);
    const left = 'SELECT count(*) AS n FROM refusals WHERE volunteer_id = ?';
    expect(await env.DB.prepare(left).bind(volunteer.id).first('n')).toBe(0);
  });

  test('leave those of others alone', async () => {
    await volunteer.deliver(wrong());
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 1000);
    const other = await Volunteer.join();
    for (let from = 1; from <= LIMITS.refusalsKeptMax; from += 50) await many(from, 50, other);
    expect((await mine()).refused).toMatchObject([{ sweepId: id, run: 0 }]);
  });

  test('are told to their volunteer also while they cannot be noted', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
    await env.DB.prepare('ALTER TABLE refusals RENAME TO elsewhere').run();
    try {
      expect((await volunteer.deliver(wrong()))[0]).toMatchObject({ verdict: 'refused' });
    } finally {
      await env.DB.prepare('ALTER TABLE elsewhere RENAME TO refusals').run();
      errors.mockRestore();
    }
  });
});

describe('a name', () => {
  const shown = async () => (await get<SweepReply>(`/api/sweeps/${id}`)).runs[0]?.volunteer;
  const onBoard = async () => {
    const { allTime } = await get<ContributorsReply>('/api/contributors');
    return allTime.volunteers.map((one) => one.volunteer);
  };
  const change = (body: object) => patch('/api/me', body, volunteer.token);

  test('is shown where others look only as long as its volunteer wants that', async () => {
    await volunteer.finish(id);
    await told();
    expect(await (await change({ name: 'Sofja' })).json()).toMatchObject({ name: 'Sofja', isListed: false });
    const anonymous = `anonymous ${volunteer.id.slice(0, 4)}`;
    expect([await shown(), await onBoard()]).toEqual([anonymous, expect.not.arrayContaining(['Sofja'])]);
    await change({ isListed: true });
    expect([await shown(), await onBoard()]).toEqual(['Sofja', expect.arrayContaining(['Sofja'])]);
    expect(await get(`/api/sweeps/${id}/runs/0`)).toMatchObject({ run: { volunteer: 'Sofja' } });
    await change({ name: null });
    expect([await shown(), await onBoard()]).toEqual([anonymous, expect.arrayContaining([anonymous])]);
    await change({ name: 'Sofja', isListed: false });
    expect([await shown(), await onBoard()]).toEqual([anonymous, expect.not.arrayContaining(['Sofja'])]);
  });

  test.each([
    ['empty', { name: '' }],
    ['too long', { name: 'x'.repeat(LIMITS.nameMax + 1) }],
    ['one that turns the line round', { name: 'Ada\u202eevil' }],
    ['one of two lines', { name: 'Ada\nLovelace' }],
    ['a number', { name: 7 }],
    ['not alone', { name: 'Ada', credit: 1e9 }],
    ['not asked for', { isListed: 'yes' }],
  ])('that is %s is refused', async (_, body) => {
    expect(await status(change(body))).toBe(400);
    expect(await mine()).toMatchObject({ name: null, isListed: false });
  });

  test('is kept where only something else is changed', async () => {
    await change({ name: 'Sofja' });
    await change({ isListed: true });
    await change({});
    expect(await mine()).toMatchObject({ name: 'Sofja', isListed: true });
  });
});

describe('who deletes themselves', () => {
  const goodbye = (who = volunteer) => own('DELETE', '/api/me', who.token);
  /** As another machine of the server would. */
  const deletedElsewhere = () => deletePerson(env.DB, volunteer.id, Date.now());

  test('leaves their results, under nobody’s name, and nothing else', async () => {
    await patch('/api/me', { name: 'Sofja', isListed: true }, volunteer.token);
    await post('/api/teams', { name: 'The Last' }, volunteer.token);
    await own('POST', '/api/me/moves', volunteer.token);
    await volunteer.deliver(resultOf({ sweepId: id, unit: 999 }, 0));
    expect((await mine()).refused).toHaveLength(1);
    await volunteer.finish(id);
    await told();
    const before = await get<SweepReply>(`/api/sweeps/${id}`);
    expect(await (await goodbye()).json()).toEqual({ ok: true });
    const of = async (table: string, column = 'volunteer_id') =>
      (await env.DB.prepare(`SELECT * FROM ${table} WHERE ${column} = ?`).bind(volunteer.id).all()).results;
    expect([await of('moves'), await of('refusals')]).toEqual([[], []]);
    expect(await of('volunteers', 'id')).toEqual([
      {
        ...{ id: volunteer.id, name: null, created_at: 0, is_listed: 0, team_id: null },
        deleted_at: expect.any(Number),
      },
    ]);
    expect(await env.DB.prepare("SELECT 1 FROM teams WHERE name = 'The Last'").first()).toBeNull();
    const after = await get<SweepReply>(`/api/sweeps/${id}`);
    expect(after.curves).toEqual(before.curves);
    expect(after.runs).toEqual(before.runs.map((run) => ({ ...run, volunteer: 'anonymous' })));
    // What was accepted still adds up, as somebody’s who is not named.
    forget();
    const { allTime } = await get<ContributorsReply>('/api/contributors');
    expect(allTime.volunteers.map((one) => one.volunteer)).not.toContain('Sofja');
    expect(allTime.unlisted.runs).toBeGreaterThanOrEqual(8);
  });

  test('is let in nowhere any more', async () => {
    await own('GET', '/api/me', volunteer.token);
    expect(await status(goodbye())).toBe(200);
    expect(await status(goodbye())).toBe(401);
    expect(await status(own('GET', '/api/me', volunteer.token))).toBe(401);
    expect(await status(post('/api/work/exchange', volunteer.request({}), volunteer.token))).toBe(401);
    expect(await status(patch('/api/me', { name: 'Sofja' }, volunteer.token))).toBe(401);
    expect(await status(post('/api/teams', { name: 'Again' }, volunteer.token))).toBe(401);
  });

  test('is let in nowhere within seconds, wherever that was not seen', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await volunteer.exchange({});
    await deletedElsewhere();
    vi.setSystemTime(Date.now() + 10_001);
    expect(await status(post('/api/work/exchange', volunteer.request({}), volunteer.token))).toBe(401);
  });

  test('is let in nowhere after an outage either, however long it was', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await volunteer.exchange({});
    await deletedElsewhere();
    vi.setSystemTime(Date.now() + 10 * 60_000);
    expect(await status(post('/api/work/exchange', volunteer.request({}), volunteer.token))).toBe(401);
  });

  test('gets nothing on record before that was seen', async () => {
    const founder = await Volunteer.join();
    const { team } = (await (
      await post('/api/teams', { name: 'The Late' }, founder.token)
    ).json()) as MeReply;
    await own('GET', '/api/me', volunteer.token);
    await deletedElsewhere();
    const asked = [
      patch('/api/me', { name: 'Sofja', isListed: true }, volunteer.token),
      post('/api/me/team', { invite: team?.invite }, volunteer.token),
      own('POST', '/api/me/moves', volunteer.token),
      own('GET', '/api/me/export', volunteer.token),
    ];
    expect(await Promise.all(asked.map(status))).toEqual([401, 401, 401, 401]);
    const row = 'SELECT name, is_listed, team_id FROM volunteers WHERE id = ?';
    expect(await env.DB.prepare(row).bind(volunteer.id).first()).toEqual({
      ...{ name: null, is_listed: 0, team_id: null },
    });
  });

  test('does not come back by the nonce they came by, but somebody new', async () => {
    const nonce = 'ef'.repeat(16);
    const join = async () => (await (await post('/api/volunteers', { nonce })).json()) as VolunteerReply;
    const first = await join();
    await own('DELETE', '/api/me', first.token);
    const second = await join();
    expect(second.volunteerId).not.toBe(first.volunteerId);
    expect(await status(own('GET', '/api/me', first.token))).toBe(401);
    expect(await status(own('GET', '/api/me', second.token))).toBe(200);
  });

  test('leaves no trace by what comes in late', async () => {
    await goodbye();
    await env.DB.prepare('DELETE FROM refusals').run();
    const { noteRefused } = await import('../../worker/store/refusals.ts');
    const late = { sweepId: id, run: 0, to: 40, code: null, message: 'too late' };
    await noteRefused(env.DB, volunteer.id, [late], Date.now());
    expect(await env.DB.prepare('SELECT count(*) AS n FROM refusals').first('n')).toBe(0);
    const founder = await Volunteer.join();
    const { team } = (await (
      await post('/api/teams', { name: 'The Early' }, founder.token)
    ).json()) as MeReply;
    expect(await joinTeam(env.DB, volunteer.id, team?.id ?? '')).toBe(false);
    expect(await joinTeam(env.DB, founder.id, team?.id ?? '')).toBe(true);
  });
});

describe('the runs of a volunteer', () => {
  test('are those they trained, finished or not, folded or not', async () => {
    const lease = await volunteer.lease(id, FAST);
    await volunteer.deliver(resultOf(lease, 2), resultOf(lease, 5));
    const whole = { segments: [{ from: 0, to: 40 }], isFinished: true };
    const both = { runs: [2, 5].map((run) => ({ run, ...whole })), nextRun: null };
    expect(await myRuns()).toEqual(both);
    await told();
    expect(await myRuns()).toEqual(both);
    expect((await myRuns(volunteer, '?from=3')).runs.map(({ run }) => run)).toEqual([5]);
    expect((await myRuns(volunteer, '?from=6')).runs).toEqual([]);
  });

  test('of a sweep in stripes come in the order of the sweep', async () => {
    const values = [0, 1, 2, 3, 4];
    const parameters = { 'optimizer.weightDecay': { values }, seed: { values: [0, 1] } };
    id = await newSweep(`mine-striped-${number++}`, { parameters }, { stripes: 3 });
    await volunteer.finish(id);
    expect((await myRuns()).runs.map(({ run }) => run)).toEqual(Array.from({ length: 10 }, (_, i) => i));
    expect((await myRuns(volunteer, '?from=7')).runs.map(({ run }) => run)).toEqual([7, 8, 9]);
  });

  test('of a sweep that does not exist are not found', async () => {
    expect(await status(own('GET', '/api/me/runs/none-00000000', volunteer.token))).toBe(404);
    expect(await status(own('GET', `/api/me/runs/${id}?from=-1`, volunteer.token))).toBe(400);
  });
});

test('the export holds everything that is stored, as a file', async () => {
  await patch('/api/me', { name: 'Sofja' }, volunteer.token);
  await post('/api/teams', { name: 'The Exported' }, volunteer.token);
  await own('POST', '/api/me/moves', volunteer.token);
  await volunteer.deliver(resultOf({ sweepId: id, unit: 999 }, 0));
  await volunteer.finish(id);
  await told();
  const response = await own('GET', '/api/me/export', volunteer.token);
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="tabgrad-volunteer.json"');
  const text = await response.text();
  const exported: ExportReply = JSON.parse(text);
  expect(exported).toMatchObject({ ...(await mine()), exportedAtMs: expect.any(Number) });
  const { credit } = exported.accepted;
  expect(exported.contributions).toEqual([
    { sweepId: id, stripe: 0, runs: 8, credit, days: [{ day: expect.any(Number), runs: 8, credit }] },
  ]);
  expect(exported.runs).toMatchObject([{ sweepId: id, nextRun: null }]);
  expect(exported.runs[0]?.runs).toHaveLength(8);
  expect(exported.moves).toEqual([{ expiresAtMs: expect.any(Number) }]);
  // Everything that the database says of this volunteer is of a table that is in the export.
  const tables = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all<{
    name: string;
  }>();
  const naming: string[] = [];
  for (const { name } of tables.results.filter((table) => !/^(_cf_|sqlite_|d1_)/.test(table.name))) {
    const { results } = await env.DB.prepare(`SELECT * FROM ${name}`).all();
    if (JSON.stringify(results).includes(volunteer.id)) naming.push(name);
  }
  expect(naming.sort()).toEqual(['contributions', 'moves', 'refusals', 'volunteers']);
  // It may be passed on: nothing in it lets anybody act as its volunteer.
  expect(text).not.toContain(volunteer.token.split('.')[2]);
});

test('an export of very many sweeps says where what it leaves out begins', async () => {
  const insert = `INSERT INTO contributions (sweep_id, stripe, volunteer_id, runs, credit, seq)
    VALUES ('far-' || printf('%08d', ?), 0, ?, 1, 1, 1)`;
  const sweepIds = Array.from({ length: LIMITS.exportAsksMax + 1 }, (_, i) => i);
  await env.DB.batch(sweepIds.map((i) => env.DB.prepare(insert).bind(i, volunteer.id)));
  const { runs, contributions } = await read<ExportReply>('/api/me/export');
  expect(contributions).toHaveLength(sweepIds.length);
  expect(runs.map(({ nextRun }) => nextRun)).toEqual([...Array(LIMITS.exportAsksMax).fill(null), 0]);
});

test('who asks for too much within a minute is told to wait, and nobody else', async () => {
  const other = await Volunteer.join();
  let last = 200;
  for (let i = 0; i < 130 && last === 200; i++) last = await status(own('GET', '/api/me', volunteer.token));
  expect(last).toBe(429);
  expect(await status(own('GET', '/api/me/export', volunteer.token))).toBe(429);
  expect(await status(own('GET', '/api/me', other.token))).toBe(200);
});

test('a body that is too large is not read', async () => {
  const body = { name: 'x'.repeat(LIMITS.smallBodyBytesMax) };
  expect(await status(patch('/api/me', body, volunteer.token))).toBe(413);
  expect(await status(post('/api/moves', body))).toBe(413);
  expect(await status(post('/api/teams', body, volunteer.token))).toBe(413);
  expect(await status(call('/api/me', { method: 'PATCH', body: '{}' }))).toBe(401);
});
