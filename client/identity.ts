// Who this browser is to the server: an anonymous volunteer and one device. Kept here only, until it is forgotten.

import { hex } from '../shared/bytes.ts';
import type { VolunteerReply } from '../shared/protocol.ts';
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

/** Who this browser is; null where it is nobody yet. Looking makes nobody. */
export function loadIdentity(): Identity | null {
  return storedIdentity() ?? unkeptIdentity;
}

function storedIdentity(): Identity | null {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<Identity> | null;
    if (!stored?.volunteerId || !stored.token || !/^[0-9a-f]{32}$/.test(stored.deviceId ?? '')) return null;
    return { name: null, ...stored } as Identity;
  } catch {
    return null;
  }
}

/** Of this visit only, where storage is refused. */
let unkeptIdentity: Identity | null = null;

/** Whether this browser still knows tomorrow who it is. True where it is nobody. */
export const isIdentityKept = (): boolean => unkeptIdentity === null;

/** The identity kept before, else a new one under the given name. */
export async function identify(name: string | null): Promise<Identity> {
  return loadIdentity() ?? become(await postVolunteer(name, nonce()));
}

/** Makes this browser a volunteer from elsewhere, as another device of it: nothing of whoever it was before stays. */
export function moveIn(reply: VolunteerReply): Identity {
  unkept = null;
  drop(NONCE);
  return become(reply);
}

function become({ volunteerId, token, name }: VolunteerReply): Identity {
  const identity = { volunteerId, token, deviceId: randomHex(16), name };
  hold(identity);
  return identity;
}

/** Keeps the name as the server now has it; of somebody else, or nobody, nothing. */
export function renameIdentity(volunteerId: string, name: string | null): void {
  const known = loadIdentity();
  if (known?.volunteerId === volunteerId && known.name !== name) hold({ ...known, name });
}

function hold(identity: Identity): void {
  keep(KEY, JSON.stringify(identity));
  unkeptIdentity = storedIdentity()?.token === identity.token ? null : identity;
  told();
}

/** This browser is nobody from then on, and has agreed to nothing. The server is told nothing. */
export function forgetIdentity(): void {
  unkept = null;
  unkeptIdentity = null;
  for (const key of [KEY, NONCE, CONSENT]) drop(key);
  told();
}

const listeners = new Set<() => void>();
const told = () => {
  for (const listener of listeners) listener();
};

/** Calls back when this browser becomes somebody else, here or in another tab; returns how to end that. */
export function onIdentityChange(listener: () => void): () => void {
  const elsewhere = ({ key }: StorageEvent) => {
    if (key === KEY || key === null) listener();
  };
  listeners.add(listener);
  addEventListener('storage', elsewhere);
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', elsewhere);
  };
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

/** Takes it back: no page of this browser computes before there is another. */
export const forgetConsent = (): void => drop(CONSENT);

/** Calls back when another tab takes it back; returns how to end that. */
export function onConsentWithdrawn(listener: () => void): () => void {
  const elsewhere = ({ key, newValue }: StorageEvent) => {
    if ((key === CONSENT || key === null) && newValue === null) listener();
  };
  addEventListener('storage', elsewhere);
  return () => removeEventListener('storage', elsewhere);
}

export const keepConsent = (nowMs: number): void => keep(CONSENT, String(nowMs));

// Storage may be refused (private windows): then this visit simply is not remembered.
function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {}
}

function drop(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {}
}

const randomHex = (bytes: number) => hex(crypto.getRandomValues(new Uint8Array(bytes)));
