// Which pages and files the service worker keeps, and how it answers: pure decisions.

/** What one build wants kept, written into the service worker by vite.config.ts. */
export interface KeptFiles {
  /** Changes with anything below. */
  version: string;
  /** What every page begins with. */
  shell: string[];
  /** What the page of the training and the training itself need, but for engines that are loaded only where they are used. */
  training: string[];
}

/**
 * 'page': from the network, else the kept shell. 'asset': as it was kept, since its name changes with it. 'file': from the
 * network, else as it was kept. 'leave': none of the service worker's business.
 */
export type Way = 'page' | 'asset' | 'file' | 'leave';

export interface Asked {
  url: string;
  method: string;
  mode: string;
}

export function wayOf({ url, method, mode }: Asked, origin: string): Way {
  const to = new URL(url);
  if (method !== 'GET' || to.origin !== origin) return 'leave';
  if (/^\/(api|og|cdn-cgi)(\/|$)/.test(to.pathname)) return 'leave';
  if (mode === 'navigate') return /\.\w+$/.test(to.pathname) ? 'leave' : 'page';
  return to.pathname.startsWith('/assets/') ? 'asset' : 'file';
}

/** Whether an answer is the file that was asked for: the server answers with a page where it has no such file. */
export const isFile = (response: Pick<Response, 'ok' | 'headers'>): boolean =>
  response.ok && !(response.headers.get('content-type') ?? '').startsWith('text/html');

const PREFIX = 'tabgrad-pages-';

export const cacheName = (version: string): string => PREFIX + version;

/**
 * Of all caches, oldest first, those to remove. The newest one before this version's stays: a page of that version may
 * still be training, and load a part of itself.
 */
export function outdatedCaches(names: readonly string[], version: string): string[] {
  const others = names.filter((name) => name.startsWith(PREFIX) && name !== cacheName(version));
  return others.slice(0, -1);
}
