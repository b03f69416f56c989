import { LIMITS } from '../../shared/limits.ts';
import { sha256 } from '../digest.ts';
import { forgetEmptyTeams } from './volunteers.ts';

export interface Team {
  id: string;
  name: string;
  createdAtMs: number;
  members: number;
}

const TEAM = `SELECT id, name, created_at AS createdAtMs,
  (SELECT count(*) FROM volunteers WHERE team_id = teams.id) AS members FROM teams`;

/** Null when there is no such team. */
export const teamById = (db: D1Database, id: string): Promise<Team | null> =>
  db.prepare(`${TEAM} WHERE id = ?`).bind(id).first();

export const teamByInvite = async (db: D1Database, invite: string): Promise<Team | null> =>
  db
    .prepare(`${TEAM} WHERE invite_hash = ?`)
    .bind(await sha256(invite))
    .first();

/** Founds a team, unless it is there, with its first member, who leaves any other. False where it is full. Safe to repeat. */
export async function foundTeam(
  db: D1Database,
  founder: string,
  team: { id: string; name: string; invite: string; createdAtMs: number },
): Promise<boolean> {
  const [, moved] = await db.batch([
    db
      .prepare(
        'INSERT INTO teams (id, name, invite_hash, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
      )
      .bind(team.id, team.name, await sha256(team.invite), team.createdAtMs),
    moveInto(db, founder, team.id),
    forgetEmptyTeams(db),
  ]);
  return moved?.meta.changes === 1;
}

/** Joins a team and leaves any other. False where the team is full. Safe to repeat. */
export async function joinTeam(db: D1Database, volunteerId: string, teamId: string): Promise<boolean> {
  const [moved] = await db.batch([moveInto(db, volunteerId, teamId), forgetEmptyTeams(db)]);
  return moved?.meta.changes === 1;
}

const moveInto = (db: D1Database, volunteerId: string, teamId: string) =>
  db
    .prepare(
      `UPDATE volunteers SET team_id = ?2 WHERE id = ?1 AND deleted_at IS NULL
         AND EXISTS (SELECT 1 FROM teams WHERE id = ?2)
         AND (team_id IS ?2 OR (SELECT count(*) FROM volunteers WHERE team_id = ?2) < ?3)`,
    )
    .bind(volunteerId, teamId, LIMITS.teamMembersMax);

/** Safe to repeat. */
export async function leaveTeam(db: D1Database, volunteerId: string): Promise<void> {
  await db.batch([
    db.prepare('UPDATE volunteers SET team_id = NULL WHERE id = ?').bind(volunteerId),
    forgetEmptyTeams(db),
  ]);
}
