// Who this browser is to the server: an anonymous volunteer and one device. Kept here only, until it is forgotten.

import { hex } from '../shared/bytes.ts';
import { postVolunteer } from './api.ts';

export interface Identity {
  volunteerId: string;
  token: string;
  deviceId: string;
  name: string | null;
}

const KEY = 'tabgrad.volunteer';
const CONSENT = 'tabgrad.consent';
const NONCE = 'tabgrad.nonce';

export function loadIdentity(): Identity | null {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<Identity> | null;
    if (!stored?.volunteerId || !stored.token || !/^[0-9a-f]{32}$/.test(stored.deviceId ?? '')) return null;
    return { name: null, ...stored } as Identity;
  } catch {
    return null;
  }
}

/** The identity kept before, else a new one under the given name. */
export async function identify(name: string | null): Promise<Identity> {
  const known = loadIdentity();
  if (known) return known;
  const { volunteerId, token, name: accepted } = await postVolunteer(name, nonce());
  const identity = { volunteerId, token, deviceId: randomHex(16), name: accepted };
  keep(KEY, JSON.stringify(identity));
  return identity;
}

export function forgetIdentity(): void {
  unkept = null;
  for (const key of [KEY, NONCE, CONSENT]) localStorage.removeItem(key);
}

/** Where storage is refused. */
let unkept: string | null = null;

/** Made up before this browser registers, and kept: should the reply be lost, asking again makes no second volunteer. */
function nonce(): string {
  try {
    const kept = localStorage.getItem(NONCE);
    if (kept && /^[0-9a-f]{32}$/.test(kept)) return kept;
  } catch {}
  unkept ??= randomHex(16);
  keep(NONCE, unkept);
  return unkept;
}

/** When consent was given on this device, in milliseconds; null when it was not. */
export function consentedAt(): number | null {
  try {
    return Number(localStorage.getItem(CONSENT)) || null;
  } catch {
    return null;
  }
}

export const keepConsent = (nowMs: number): void => keep(CONSENT, String(nowMs));

// Storage may be refused (private windows): then this visit simply is not remembered.
function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {}
}

const randomHex = (bytes: number) => hex(crypto.getRandomValues(new Uint8Array(bytes)));
