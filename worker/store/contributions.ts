// What was accepted of whom: derived from the dispatchers, and summed up for boards and for volunteers' own pages.

import type { DayOfWork } from '../../shared/days.ts';
import type { Contributors, ExportReply, MeReply, TeamReply } from '../../shared/volunteers.ts';
import { exactJson } from '../digest.ts';
import { displayName } from './volunteers.ts';

export interface Contribution {
  volunteerId: string;
  runs: number;
  credit: number;
  /** Of the newest days. */
  days: readonly DayOfWork[];
}

/** Writes what volunteers did for one stripe of a sweep, where it is newer than what is there. */
export function upsertContributions(
  db: D1Database,
  sweepId: string,
  stripe: number,
  seq: number,
  rows: readonly Contribution[],
) {
  return db
    .prepare(
      `INSERT INTO contributions (sweep_id, stripe, volunteer_id, runs, credit, days, seq)
       SELECT ?1, ?2, value ->> 'volunteerId', value ->> 'runs', value ->> 'credit', value -> 'days', ?3
       FROM json_each(?4) WHERE true
       ON CONFLICT (sweep_id, stripe, volunteer_id) DO UPDATE
       SET runs = excluded.runs, credit = excluded.credit, days = excluded.days, seq = excluded.seq
       WHERE excluded.seq > contributions.seq`,
    )
    .bind(sweepId, stripe, seq, exactJson(rows))
    .run();
}

interface Work {
  runs: number;
  credit: number;
}

const NOTHING: Work = { runs: 0, credit: 0 };

const rowsOf = <T>(result: D1Result | undefined): T[] => (result?.results ?? []) as T[];
const workIn = (result: D1Result | undefined): Work => rowsOf<Work>(result)[0] ?? NOTHING;

/** Of one volunteer; days are counted from `firstDay`. */
export async function workOf(
  db: D1Database,
  volunteerId: string,
  { firstDay, sweepsMax }: { firstDay: number; sweepsMax: number },
): Promise<Pick<MeReply, 'accepted' | 'lately' | 'sweeps'>> {
  const [accepted, lately, sweeps] = await db.batch([
    db
      .prepare(
        `SELECT coalesce(sum(runs), 0) AS runs, coalesce(sum(credit), 0) AS credit FROM contributions
         WHERE volunteer_id = ?`,
      )
      .bind(volunteerId),
    db
      .prepare(
        `SELECT coalesce(sum(day.value ->> 1), 0) AS runs, coalesce(sum(day.value ->> 2), 0) AS credit
         FROM contributions, json_each(days) AS day WHERE volunteer_id = ? AND day.value ->> 0 >= ?`,
      )
      .bind(volunteerId, firstDay),
    db
      .prepare(
        `SELECT sweep_id AS sweepId, title, sum(contributions.runs) AS runs, sum(credit) AS credit
         FROM contributions JOIN sweeps ON sweeps.id = sweep_id WHERE volunteer_id = ?
         GROUP BY sweep_id ORDER BY credit DESC, sweep_id LIMIT ?`,
      )
      .bind(volunteerId, sweepsMax),
  ]);
  return {
    accepted: workIn(accepted),
    lately: workIn(lately),
    sweeps: rowsOf(sweeps),
  };
}

/** All that is stored of one volunteer's work, as it is stored. */
export async function contributionsOf(
  db: D1Database,
  volunteerId: string,
): Promise<ExportReply['contributions']> {
  const { results } = await db
    .prepare(
      `SELECT sweep_id AS sweepId, stripe, runs, credit, days FROM contributions
       WHERE volunteer_id = ? ORDER BY sweep_id, stripe`,
    )
    .bind(volunteerId)
    .all<Work & { sweepId: string; stripe: number; days: string }>();
  return results.map(({ days, ...rest }) => ({
    ...rest,
    days: (JSON.parse(days) as DayOfWork[]).map(([day, runs, credit]) => ({ day, runs, credit })),
  }));
}

/** Sums by volunteer, of all time or of the days from ?1 on. */
const WORK = {
  allTime: `SELECT volunteer_id AS id, sum(runs) AS runs, sum(credit) AS credit FROM contributions
    GROUP BY volunteer_id HAVING sum(runs) + sum(credit) > 0`,
  lately: `SELECT volunteer_id AS id, sum(day.value ->> 1) AS runs, sum(day.value ->> 2) AS credit
    FROM contributions, json_each(days) AS day WHERE day.value ->> 0 >= ?1
    GROUP BY volunteer_id HAVING sum(day.value ->> 1) + sum(day.value ->> 2) > 0`,
};

interface Named extends Work {
  id: string;
  name: string | null;
}

const contributor = ({ id, name, runs, credit }: Named) => ({
  volunteer: displayName(id, name),
  ...{ runs, credit },
});

/** One board: of the days from `firstDay` on, or of all time where that is null. */
export async function contributorsSince(
  db: D1Database,
  firstDay: number | null,
  max: number,
): Promise<Contributors> {
  const work = firstDay === null ? WORK.allTime : WORK.lately;
  const days = firstDay === null ? [] : [firstDay];
  const most = 'ORDER BY credit DESC, runs DESC, id';
  const ask = (query: string) => db.prepare(`WITH work AS (${work}) ${query}`).bind(...days);
  const [named, teams, all] = await db.batch([
    ask(`SELECT id, name, runs, credit FROM work JOIN volunteers USING (id) WHERE is_listed = 1
      ${most} LIMIT ${max}`),
    ask(`SELECT teams.id AS id, teams.name AS name, sum(runs) AS runs, sum(credit) AS credit,
        (SELECT count(*) FROM volunteers WHERE team_id = teams.id) AS members
      FROM work JOIN volunteers USING (id) JOIN teams ON teams.id = team_id
      GROUP BY teams.id ${most} LIMIT ${max}`),
    ask(`SELECT count(*) AS volunteers, coalesce(sum(runs), 0) AS runs, coalesce(sum(credit), 0) AS credit
      FROM work`),
  ]);
  const shown = rowsOf<Named>(named).map(contributor);
  const [sums = { volunteers: 0, ...NOTHING }] = rowsOf<Contributors['unlisted']>(all);
  const rest = (of: keyof Work) => shown.reduce((left, row) => left - row[of], sums[of]);
  return {
    volunteers: shown,
    teams: rowsOf(teams),
    unlisted: { volunteers: sums.volunteers - shown.length, runs: rest('runs'), credit: rest('credit') },
  };
}

/** Of a team's members: their sums, and those who chose to be named. */
export async function workOfTeam(
  db: D1Database,
  teamId: string,
  firstDay: number,
): Promise<Pick<TeamReply, 'accepted' | 'lately' | 'listed'>> {
  const ofMembers = 'contributions JOIN volunteers ON volunteers.id = volunteer_id';
  const [accepted, lately, listed] = await db.batch([
    db
      .prepare(
        `SELECT coalesce(sum(runs), 0) AS runs, coalesce(sum(credit), 0) AS credit FROM ${ofMembers}
         WHERE team_id = ?`,
      )
      .bind(teamId),
    db
      .prepare(
        `SELECT coalesce(sum(day.value ->> 1), 0) AS runs, coalesce(sum(day.value ->> 2), 0) AS credit
         FROM ${ofMembers}, json_each(days) AS day WHERE team_id = ? AND day.value ->> 0 >= ?`,
      )
      .bind(teamId, firstDay),
    db
      .prepare(
        `SELECT volunteers.id AS id, name, coalesce(sum(runs), 0) AS runs, coalesce(sum(credit), 0) AS credit
         FROM volunteers LEFT JOIN contributions ON volunteer_id = volunteers.id
         WHERE team_id = ? AND is_listed = 1 GROUP BY volunteers.id ORDER BY credit DESC, runs DESC, volunteers.id`,
      )
      .bind(teamId),
  ]);
  return {
    accepted: workIn(accepted),
    lately: workIn(lately),
    listed: rowsOf<Named>(listed).map(contributor),
  };
}
