import type { MeChange } from '../../shared/volunteers.ts';

/** Adds a volunteer; one that is there already stays as it is. Returns the name on record, null for none; undefined where the volunteer was deleted, and stays so. */
export async function insertVolunteer(
  db: D1Database,
  id: string,
  name: string | null,
  nowMs: number,
): Promise<string | null | undefined> {
  const [, stored] = await db.batch<{ name: string | null }>([
    db
      .prepare('INSERT INTO volunteers (id, name, created_at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING')
      .bind(id, name, nowMs),
    db.prepare('SELECT name FROM volunteers WHERE id = ? AND deleted_at IS NULL').bind(id),
  ]);
  return stored?.results[0]?.name;
}

/** What is on record of a volunteer. */
export interface Person {
  id: string;
  name: string | null;
  isListed: boolean;
  createdAtMs: number;
  teamId: string | null;
}

/** Null where there is no such volunteer, or not any more. */
export async function personById(db: D1Database, id: string): Promise<Person | null> {
  const row = await db
    .prepare(
      `SELECT id, name, is_listed AS isListed, created_at AS createdAtMs, team_id AS teamId
       FROM volunteers WHERE id = ? AND deleted_at IS NULL`,
    )
    .bind(id)
    .first<Omit<Person, 'isListed'> & { isListed: number }>();
  return row && { ...row, isListed: row.isListed === 1 };
}

/** What is missing stays. Somebody deleted stays so. */
export async function changePerson(db: D1Database, id: string, { name, isListed }: MeChange): Promise<void> {
  await db
    .prepare(
      `UPDATE volunteers SET name = CASE ?2 WHEN 1 THEN ?3 ELSE name END, is_listed = coalesce(?4, is_listed)
       WHERE id = ?1 AND deleted_at IS NULL`,
    )
    .bind(id, Number(name !== undefined), name ?? null, isListed === undefined ? null : Number(isListed))
    .run();
}

/** Leaves the number, and when it was deleted, so that its token is refused for good. Safe to repeat. */
export async function deletePerson(db: D1Database, id: string, nowMs: number): Promise<void> {
  await db.batch([
    db
      .prepare(
        `UPDATE volunteers SET name = NULL, created_at = 0, is_listed = 0, team_id = NULL, deleted_at = ?2
         WHERE id = ?1 AND deleted_at IS NULL`,
      )
      .bind(id, nowMs),
    db.prepare('DELETE FROM moves WHERE volunteer_id = ?').bind(id),
    db.prepare('DELETE FROM refusals WHERE volunteer_id = ?').bind(id),
    forgetEmptyTeams(db),
  ]);
}

/** The last member closes the door. */
export const forgetEmptyTeams = (db: D1Database) =>
  db.prepare(
    'DELETE FROM teams WHERE NOT EXISTS (SELECT 1 FROM volunteers WHERE volunteers.team_id = teams.id)',
  );

export async function isDeleted(db: D1Database, id: string): Promise<boolean> {
  const query = 'SELECT 1 FROM volunteers WHERE id = ? AND deleted_at IS NOT NULL';
  return (await db.prepare(query).bind(id).first()) !== null;
}

/** Volunteers deleted since then. */
export async function deletedSince(db: D1Database, atMs: number): Promise<string[]> {
  const query = 'SELECT id FROM volunteers WHERE deleted_at >= ?';
  return (await db.prepare(query).bind(atMs).all<{ id: string }>()).results.map(({ id }) => id);
}

/**
 * What to call volunteers in public: by name who chose to be named and has one, else "anonymous" and the start of their
 * id; who was deleted is "anonymous" only.
 */
export async function displayNames(db: D1Database, ids: Iterable<string>): Promise<Map<string, string>> {
  const names = new Map([...ids].map((id) => [id, displayName(id, null)]));
  if (names.size === 0) return names;
  const { results } = await db
    .prepare(
      `SELECT id, CASE WHEN deleted_at IS NULL THEN name ELSE 'anonymous' END AS name FROM volunteers
       WHERE id IN (SELECT value FROM json_each(?)) AND (is_listed = 1 OR deleted_at IS NOT NULL)`,
    )
    .bind(JSON.stringify([...names.keys()]))
    .all<{ id: string; name: string | null }>();
  for (const { id, name } of results) names.set(id, displayName(id, name));
  return names;
}

export const displayName = (id: string, name: string | null): string => name ?? `anonymous ${id.slice(0, 4)}`;
