import { LIMITS } from '../shared/limits.ts';
import type { Dispatcher } from './dispatcher/object.ts';

export interface Env {
  DB: D1Database;
  BLOBS: R2Bucket;
  DISPATCHER: DurableObjectNamespace<Dispatcher>;
  REGISTRATIONS: RateLimit;
  /** Signs volunteers' tokens. Without it nobody gets or uses one. */
  TOKEN_SECRET?: string;
  /** Overrides how long a lease lasts. */
  LEASE_MS?: string;
}

/** What Hono's context carries. */
export interface App {
  Bindings: Env;
  Variables: { researcherId: string; volunteerId: string };
}

const LEASE_MS_MIN = 500;
const LEASE_MS_MAX = 24 * 3600 * 1000;

/** How long a lease lasts; anything but a sensible whole number falls back to the default. */
export function leaseMsOf({ LEASE_MS }: Pick<Env, 'LEASE_MS'>): number {
  const wanted = LEASE_MS === undefined || LEASE_MS.trim() === '' ? Number.NaN : Number(LEASE_MS);
  return Number.isInteger(wanted) && wanted >= LEASE_MS_MIN && wanted <= LEASE_MS_MAX
    ? wanted
    : LIMITS.leaseMs;
}
