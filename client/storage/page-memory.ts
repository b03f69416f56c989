// Values that a page keeps as JSON, in localStorage for all tabs and later visits, in sessionStorage for its tab. Storage may
// be refused (private windows): then nothing is kept, and nothing is an error.

type Place = 'localStorage' | 'sessionStorage';

/** What was kept, unchecked; null where there is nothing, or nothing that can be read. */
export function kept(place: Place, key: string): unknown {
  try {
    return JSON.parse(globalThis[place].getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

export function keep(place: Place, key: string, value: unknown): void {
  try {
    globalThis[place].setItem(key, JSON.stringify(value));
  } catch {}
}

export function forget(place: Place, key: string): void {
  try {
    globalThis[place].removeItem(key);
  } catch {}
}
