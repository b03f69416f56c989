// A few values kept for seconds within one isolate, so that busy pages do not ask the database every time. Values,
// not promises: a Worker must not wait for another request's input or output.

const KEPT_MAX = 500;
const kept = new Map<string, { untilMs: number; value: unknown }>();

export async function cached<T>(key: string, forMs: number, load: () => Promise<T>): Promise<T> {
  const entry = kept.get(key);
  if (entry && entry.untilMs > Date.now()) return entry.value as T;
  const value = await load();
  if (kept.size >= KEPT_MAX) kept.clear();
  kept.set(key, { untilMs: Date.now() + forMs, value });
  return value;
}

/** Drops one value, or all. */
export function forget(key?: string): void {
  if (key === undefined) kept.clear();
  else kept.delete(key);
}
