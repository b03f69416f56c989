export async function researcherByTokenHash(db: D1Database, hash: string): Promise<{ id: string } | null> {
  return db.prepare('SELECT id FROM researchers WHERE token_hash = ?').bind(hash).first();
}
