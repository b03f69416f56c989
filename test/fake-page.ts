// What a session finds around it in a browser: workers that only note what they are told, and storage.
import { vi } from 'vitest';
import type { FromWorker, ToWorker } from '../client/engine/messages.ts';

export class FakeWorker {
  static all: FakeWorker[] = [];
  told: ToWorker['type'][] = [];
  last: ToWorker | null = null;
  isEnded = false;
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  constructor() {
    FakeWorker.all.push(this);
  }
  postMessage(message: ToWorker) {
    this.told.push(message.type);
    this.last = message;
  }
  terminate() {
    this.isEnded = true;
  }
  says(data: FromWorker) {
    this.onmessage?.({ data });
  }
}

function storage() {
  const kept = new Map<string, string>();
  const methods = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  return { kept, methods };
}

/** What the browser keeps of the site, empty; under the keys of localStorage. */
export function stubbedStorage(): Map<string, string> {
  const { kept, methods } = storage();
  vi.stubGlobal('localStorage', methods);
  return kept;
}

/** A tab: its storage outlives the pages that are loaded in it. Returns the spy of `location.reload`. */
export function stubbedTab() {
  const reload = vi.fn();
  vi.stubGlobal('sessionStorage', storage().methods);
  vi.stubGlobal('location', { reload });
  return reload;
}
