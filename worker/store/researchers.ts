export interface Researcher {
  id: string;
  /** Whether they may change everybody's sweeps. */
  isOperator: boolean;
}

export async function researcherByTokenHash(db: D1Database, hash: string): Promise<Researcher | null> {
  const row = await db
    .prepare('SELECT id, is_operator AS isOperator FROM researchers WHERE token_hash = ?')
    .bind(hash)
    .first<{ id: string; isOperator: number }>();
  return row && { id: row.id, isOperator: row.isOperator === 1 };
}
