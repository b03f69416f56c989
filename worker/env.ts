import { LIMITS } from '../shared/limits.ts';
import type { Dispatcher } from './dispatcher/object.ts';
import type { Researcher } from './store/researchers.ts';

export interface Env {
  DB: D1Database;
  BLOBS: R2Bucket;
  DISPATCHER: DurableObjectNamespace<Dispatcher>;
  REGISTRATIONS: RateLimit;
  STATES: RateLimit;
  /** Pictures that are drawn anew. */
  PICTURES: RateLimit;
  /** The built pages. */
  ASSETS: Fetcher;
  /** "off" makes browsers forget the pages they keep for when there is no connection. */
  OFFLINE_PAGES?: string;
  /** Signs volunteers' tokens. Without it nobody gets or uses one. */
  TOKEN_SECRET?: string;
  /** Overrides how long a lease lasts. */
  LEASE_MS?: string;
  /** How long a commit waits for more to store with it: 20 ms unless told. Rows written fall as it grows. */
  COMMIT_MS?: string;
  /** Stripes of newly posted sweeps: 1 unless told. */
  STRIPES?: string;
}

/** What Hono's context carries. */
export interface App {
  Bindings: Env;
  Variables: { researcher: Researcher; volunteerId: string };
}

const LEASE_MS_MIN = 500;
const LEASE_MS_MAX = 24 * 3600 * 1000;

/** How long a lease lasts; anything but a sensible whole number falls back to the default. */
export const leaseMsOf = ({ LEASE_MS }: Pick<Env, 'LEASE_MS'>): number =>
  wholeNumber(LEASE_MS, LEASE_MS_MIN, LEASE_MS_MAX) ?? LIMITS.leaseMs;

/** How long a commit waits; null for as long as usual. */
export const commitMsOf = ({ COMMIT_MS }: Pick<Env, 'COMMIT_MS'>): number | null =>
  wholeNumber(COMMIT_MS, 1, 2000);

/** How many stripes a new sweep of so many cells gets; anything but a sensible whole number means one. */
export const stripesFor = ({ STRIPES }: Pick<Env, 'STRIPES'>, cells: number): number =>
  Math.min(cells, wholeNumber(STRIPES, 1, LIMITS.stripesMax) ?? 1);

function wholeNumber(text: string | undefined, min: number, max: number): number | null {
  const number = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isInteger(number) && number >= min && number <= max ? number : null;
}
