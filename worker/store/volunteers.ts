import { exactJson } from '../digest.ts';

/** Adds a volunteer; one that is there already stays as it is. Returns the name on record. */
export async function insertVolunteer(
  db: D1Database,
  id: string,
  name: string | null,
  nowMs: number,
): Promise<string | null> {
  const [, stored] = await db.batch<{ name: string | null }>([
    db
      .prepare('INSERT INTO volunteers (id, name, created_at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING')
      .bind(id, name, nowMs),
    db.prepare('SELECT name FROM volunteers WHERE id = ?').bind(id),
  ]);
  return stored?.results[0]?.name ?? null;
}

/** What to call volunteers: the name they gave, else "anonymous" and the start of their id. */
export async function displayNames(db: D1Database, ids: Iterable<string>): Promise<Map<string, string>> {
  const names = new Map([...ids].map((id) => [id, displayName(id, null)]));
  if (names.size === 0) return names;
  const { results } = await db
    .prepare(
      'SELECT id, name FROM volunteers WHERE id IN (SELECT value FROM json_each(?)) AND name IS NOT NULL',
    )
    .bind(JSON.stringify([...names.keys()]))
    .all<{ id: string; name: string }>();
  for (const { id, name } of results) names.set(id, name);
  return names;
}

const displayName = (id: string, name: string | null): string => name ?? `anonymous ${id.slice(0, 4)}`;

export interface Contribution {
  volunteerId: string;
  runs: number;
  credit: number;
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
      `INSERT INTO contributions (sweep_id, stripe, volunteer_id, runs, credit, seq)
       SELECT ?1, ?2, value ->> 'volunteerId', value ->> 'runs', value ->> 'credit', ?3
       FROM json_each(?4) WHERE true
       ON CONFLICT (sweep_id, stripe, volunteer_id) DO UPDATE
       SET runs = excluded.runs, credit = excluded.credit, seq = excluded.seq WHERE excluded.seq > contributions.seq`,
    )
    .bind(sweepId, stripe, seq, exactJson(rows))
    .run();
}

export interface Contributor {
  volunteer: string;
  runs: number;
  credit: number;
}

/** Volunteers by credit, most first. */
export async function contributors(db: D1Database, max: number): Promise<Contributor[]> {
  const { results } = await db
    .prepare(
      `SELECT volunteer_id AS id, name, sum(runs) AS runs, sum(credit) AS credit
       FROM contributions LEFT JOIN volunteers ON volunteers.id = volunteer_id
       GROUP BY volunteer_id ORDER BY credit DESC, runs DESC, volunteer_id LIMIT ?`,
    )
    .bind(max)
    .all<{ id: string; name: string | null; runs: number; credit: number }>();
  return results.map(({ id, name, runs, credit }) => ({ volunteer: displayName(id, name), runs, credit }));
}
