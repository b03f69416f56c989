import { runDurableObjectAlarm } from 'cloudflare:test';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { firstDayLately } from '../../shared/days.ts';
import { LIMITS } from '../../shared/limits.ts';
import type { ContributorsReply, MeReply, TeamReply } from '../../shared/volunteers.ts';
import { forget } from '../../worker/cache.ts';
import { call, dispatcher, env, get, newSweep, own, patch, post, resultOf, Volunteer } from './world.ts';

beforeEach(async () => {
  forget();
  const tables = ['contributions', 'teams'];
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  await env.DB.prepare('UPDATE volunteers SET team_id = NULL').run();
});

const json = async <T>(response: Promise<Response>): Promise<T> => (await response).json();
const found = (who: Volunteer, name: string) => json<MeReply>(post('/api/teams', { name }, who.token));
const join = (who: Volunteer, invite = '') => post('/api/me/team', { invite }, who.token);
const leave = (who: Volunteer) => own('DELETE', '/api/me/team', who.token);
const team = (id = '') => get<TeamReply>(`/api/teams/${id}`);
const told = (id: string) => runDurableObjectAlarm(dispatcher(id));

async function finishedOne(who: Volunteer, name: string): Promise<void> {
  const id = await newSweep(name);
  const lease = await who.lease(id);
  await who.deliver(...lease.runs.slice(0, 1).map(({ run }) => resultOf(lease, run)));
  await told(id);
}

describe('a team', () => {
  test('is founded once, however often its founder asks', async () => {
    const founder = await Volunteer.join();
    const first = (await found(founder, 'The Bits')).team;
    expect(first).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      name: 'The Bits',
      invite: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect((await found(founder, 'The Bits')).team).toEqual(first);
    expect((await found(await Volunteer.join(), 'The Bits')).team?.id).not.toBe(first?.id);
    const stored = JSON.stringify((await env.DB.prepare('SELECT * FROM teams').all()).results);
    expect(stored).not.toContain(first?.invite);
  });

  test('is joined by its invitation and by nothing else', async () => {
    const [founder, guest] = [await Volunteer.join(), await Volunteer.join()];
    const mine = (await found(founder, 'The Bits')).team;
    expect((await join(guest, '0'.repeat(32))).status).toBe(404);
    expect((await join(guest, mine?.id)).status).toBe(400);
    expect(await json<MeReply>(join(guest, mine?.invite))).toMatchObject({ team: mine });
    expect(await json<MeReply>(join(guest, mine?.invite))).toMatchObject({ team: mine });
    expect((await team(mine?.id)).members).toBe(2);
    const page = await (await call(`/api/teams/${mine?.id}`)).text();
    expect(page).not.toContain(mine?.invite);
    expect(page).not.toContain(guest.id);
  });

  test('is left by joining another, and is gone without members', async () => {
    const [founder, guest] = [await Volunteer.join(), await Volunteer.join()];
    const [one, other] = [(await found(founder, 'One')).team, (await found(guest, 'Other')).team];
    await join(guest, one?.invite);
    expect((await call(`/api/teams/${other?.id}`)).status).toBe(404);
    expect((await join(founder, other?.invite)).status).toBe(404);
    expect(await json<MeReply>(leave(founder))).toMatchObject({ team: null });
    expect(await json<MeReply>(leave(founder))).toMatchObject({ team: null });
    expect((await team(one?.id)).members).toBe(1);
    await own('DELETE', '/api/me', guest.token);
    expect((await call(`/api/teams/${one?.id}`)).status).toBe(404);
  });

  test('is left by founding another, too', async () => {
    const founder = await Volunteer.join();
    const one = (await found(founder, 'One')).team;
    expect((await found(founder, 'Another')).team).toMatchObject({ name: 'Another' });
    expect((await call(`/api/teams/${one?.id}`)).status).toBe(404);
  });

  test('has no more members than a team may have', async () => {
    const [founder, guest] = [await Volunteer.join(), await Volunteer.join()];
    const mine = (await found(founder, 'The Crowd')).team;
    const member = "INSERT INTO volunteers (id, created_at, team_id) VALUES ('crowd-' || ?, 1, ?)";
    await env.DB.batch(
      Array.from({ length: LIMITS.teamMembersMax - 1 }, (_, i) => env.DB.prepare(member).bind(i, mine?.id)),
    );
    const full = await join(guest, mine?.invite);
    expect([full.status, await full.text()]).toEqual([403, expect.stringContaining('500 members')]);
    // Who is in it stays so.
    expect((await join(founder, mine?.invite)).status).toBe(200);
  });

  test.each(['', ' ', 'x'.repeat(41), 'a\nb', 'a\u202eb', '\u0000', '\u200d\u00ad'])(
    'is not called %j',
    async (name) => {
      const { token } = await Volunteer.join();
      expect((await post('/api/teams', { name }, token)).status).toBe(400);
    },
  );

  test('adds up the work of its members, and names those who want to be named', async () => {
    const [ada, quiet, stranger] = [
      await Volunteer.join('Ada'),
      await Volunteer.join(),
      await Volunteer.join(),
    ];
    await patch('/api/me', { name: 'Secret' }, quiet.token);
    const mine = (await found(ada, 'The Bits')).team;
    await join(quiet, mine?.invite);
    for (const [i, who] of [ada, quiet, stranger].entries()) await finishedOne(who, `team-work-${i}`);
    const both = { runs: 2, credit: 2 };
    expect(await team(mine?.id)).toEqual({
      ...{ id: mine?.id, name: 'The Bits', members: 2, createdAtMs: expect.any(Number) },
      ...{ accepted: both, lately: both, listed: [{ volunteer: 'Ada', runs: 1, credit: 1 }] },
    });
    const old = JSON.stringify([[firstDayLately(Date.now()) - 1, 5, 50]]);
    await env.DB.prepare('UPDATE contributions SET days = ? WHERE volunteer_id = ?').bind(old, ada.id).run();
    expect(await team(mine?.id)).toMatchObject({ accepted: both, lately: { runs: 1, credit: 1 } });
    await leave(quiet);
    expect(await team(mine?.id)).toMatchObject({ members: 1, accepted: { runs: 1, credit: 1 } });
  });
});

describe('the boards of contributors', () => {
  const boards = () => get<ContributorsReply>('/api/contributors');
  const nobody = { volunteers: [], teams: [], unlisted: { volunteers: 0, runs: 0, credit: 0 } };

  test('are empty before anything was accepted', async () => {
    await found(await Volunteer.join('Ada'), 'The Idle');
    expect(await boards()).toEqual({ lately: nobody, allTime: nobody });
  });

  test('name those who chose to be named, teams, and sum up everybody else', async () => {
    const [ada, quiet] = [await Volunteer.join('Ada'), await Volunteer.join()];
    await patch('/api/me', { name: 'Secret' }, quiet.token);
    const mine = (await found(quiet, 'The Bits')).team;
    const id = await newSweep('contributed');
    const lease = await quiet.lease(id);
    await quiet.deliver(resultOf(lease, 0));
    await ada.finish(id);
    await told(id);
    const board = {
      volunteers: [{ volunteer: 'Ada', runs: 7, credit: 7 }],
      teams: [{ id: mine?.id, name: 'The Bits', members: 1, runs: 1, credit: 1 }],
      unlisted: { volunteers: 1, runs: 1, credit: 1 },
    };
    expect(await boards()).toEqual({ lately: board, allTime: board });
    expect(await (await call('/api/contributors')).text()).not.toContain('Secret');
  });

  test('forget of the last thirty days what is older, and of all time nothing', async () => {
    const ada = await Volunteer.join('Ada');
    const first = firstDayLately(Date.now());
    const insert = `INSERT INTO contributions (sweep_id, stripe, volunteer_id, runs, credit, days, seq)
      VALUES ('s', ?, ?, 10, 100, ?, 1)`;
    const days = JSON.stringify([
      [first - 1, 4, 40],
      [first, 3, 30],
      [first + 29, 2, 20],
    ]);
    await env.DB.batch([0, 1].map((stripe) => env.DB.prepare(insert).bind(stripe, ada.id, days)));
    expect(await boards()).toMatchObject({
      lately: { volunteers: [{ volunteer: 'Ada', runs: 10, credit: 100 }] },
      allTime: { volunteers: [{ volunteer: 'Ada', runs: 20, credit: 200 }] },
    });
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 30 * 24 * 3600_000);
    forget();
    expect((await boards()).lately).toEqual(nobody);
    vi.useRealTimers();
  });

  test('count nobody whose work was worth nothing', async () => {
    const idle = await Volunteer.join();
    const today = firstDayLately(Date.now()) + 29;
    await env.DB.prepare(
      `INSERT INTO contributions (sweep_id, stripe, volunteer_id, runs, credit, days, seq)
       VALUES ('s', 0, ?, 0, 0, ?, 1)`,
    )
      .bind(idle.id, JSON.stringify([[today, 0, 0]]))
      .run();
    expect(await boards()).toEqual({ lately: nobody, allTime: nobody });
  });

  test('show so many and no more; the others are in the sum', async () => {
    const count = LIMITS.contributorsListedMax + 20;
    const volunteers = "INSERT INTO volunteers (id, created_at, is_listed) VALUES ('many-' || ?, 1, 1)";
    const work = `INSERT INTO contributions (sweep_id, stripe, volunteer_id, runs, credit, seq)
      VALUES ('s', 0, 'many-' || ?1, 1, ?1 + 1, 1)`;
    const all = Array.from({ length: count }, (_, i) => i);
    await env.DB.batch(all.flatMap((i) => [volunteers, work].map((sql) => env.DB.prepare(sql).bind(i))));
    const { allTime } = await boards();
    expect(allTime.volunteers).toHaveLength(LIMITS.contributorsListedMax);
    expect(allTime.volunteers[0]).toMatchObject({ credit: count });
    expect(allTime.unlisted).toEqual({ volunteers: 20, runs: 20, credit: (20 * 21) / 2 });
  });
});
