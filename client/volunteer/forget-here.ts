import { KEPT, type KeptThing } from '../storage/kept.ts';

/** Work of somebody: results not sent, weights not handed over, runs in hand. */
const WORK: readonly KeptThing[] = ['outbox', 'states', 'segments'];

/**
 * Removes what this browser holds of unsent and unfinished work. Settings, and public data that networks are trained on,
 * stay. Never rejects: what storage will not give up it could not be asked for either.
 */
export async function forgetWorkHere(): Promise<void> {
  const names = Object.entries(KEPT).filter(([, { is }]) => WORK.includes(is));
  await Promise.all(
    names.map(([name, kept]) => (kept.in === 'IndexedDB' ? dropDatabase(name) : dropFolder(name))),
  );
}

const dropDatabase = (name: string) =>
  new Promise<void>((resolve) => {
    try {
      const request = indexedDB.deleteDatabase(name);
      // Blocked: another tab holds it, and it goes when that lets go.
      request.onsuccess = request.onerror = request.onblocked = () => resolve();
    } catch {
      resolve();
    }
  });

const dropFolder = async (name: string) => {
  try {
    await (await navigator.storage.getDirectory()).removeEntry(name, { recursive: true });
  } catch {
    // It was not there, or there is no such file system.
  }
};
