// Loading the page anew because the server speaks a newer version: once, and training goes on by itself only where it was
// going on in this very tab.

import type { Preference } from '../shared/work.ts';

interface Renewal {
  atMs: number;
  /** What to go on with; null where training was not to go on. */
  resume: { prefers: Preference | null } | null;
}

const KEY = 'tabgrad.renewal';
/** A page that is outdated so soon after it was loaded anew would only be loaded again and again. */
const AGAIN_MS = 600_000;
/** A page that comes later than this was not merely loaded anew: somebody came back to it. */
const RESUME_MS = 60_000;

/**
 * Notes what to go on with and loads the page anew. False, and nothing happens, where that was tried just before or
 * could not be noted.
 */
export function renew(resume: Renewal['resume'], nowMs: number): boolean {
  try {
    const before = noted();
    if (before && nowMs - before.atMs < AGAIN_MS) return false;
    sessionStorage.setItem(KEY, JSON.stringify({ atMs: nowMs, resume } satisfies Renewal));
    location.reload();
    return true;
  } catch {
    return false;
  }
}

/** What this page is to go on with after it was loaded anew; null where it was not. Only the first call is told. */
export function takeResume(nowMs: number): Renewal['resume'] {
  try {
    const before = noted();
    if (!before?.resume) return null;
    sessionStorage.setItem(KEY, JSON.stringify({ ...before, resume: null }));
    return nowMs - before.atMs < RESUME_MS ? before.resume : null;
  } catch {
    return null;
  }
}

/** Whether a page loaded anew has been left something to go on with; it may have come too late for that. */
export function mayResume(): boolean {
  try {
    return Boolean(noted()?.resume);
  } catch {
    return false;
  }
}

const noted = (): Renewal | null => JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
