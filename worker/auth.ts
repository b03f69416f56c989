// Who is asking. Researchers hold a random token, known here by its SHA-256 only. A volunteer's token names the
// volunteer and carries the server's signature over the name, so checking it needs no look-up, but for those who were deleted.

import { createMiddleware } from 'hono/factory';
import { hex } from '../shared/bytes.ts';
import { VERSION } from '../shared/protocol.ts';
import { sha256 } from './digest.ts';
import type { App, Env } from './env.ts';
import { Refusal } from './errors.ts';
import { isGone } from './gone.ts';
import { researcherByTokenHash } from './store/researchers.ts';

const VOLUNTEER_TOKEN = /^v1\.([0-9a-f]{32})\.([A-Za-z0-9_-]{43})$/;
const RESEARCHER_TOKEN = /^tg_[A-Za-z0-9_-]{20,100}$/;

/** An id nobody has: without a nonce a new one every time, with it the same one. Refuses when the server has no secret. */
export async function volunteerIdFor(env: Env, nonce: string | undefined): Promise<string> {
  if (nonce === undefined) return hex(crypto.getRandomValues(new Uint8Array(16)));
  return hex((await signatureOf(env, `nonce.${nonce}`)).subarray(0, 16));
}

/** The token of a volunteer: the same one every time. Throws a refusal when the server has no secret. */
export async function volunteerToken(env: Env, volunteerId: string): Promise<string> {
  const text = `v1.${volunteerId}`;
  return `${text}.${base64url(await signatureOf(env, text))}`;
}

/** The id of the team that a volunteer founds under a name: asking again founds no other. */
export const teamIdFor = async (env: Env, volunteerId: string, name: string): Promise<string> =>
  hex((await signatureOf(env, `team.${volunteerId}.${name}`)).subarray(0, 8));

/** What lets whoever has it join a team: the same every time. */
export const inviteOf = async (env: Env, teamId: string): Promise<string> =>
  hex((await signatureOf(env, `invite.${teamId}`)).subarray(0, 16));

const signatureOf = async (env: Env, text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.sign('HMAC', await signingKey(env), new TextEncoder().encode(text)));

/** Lets researchers through. */
export const researchersOnly = createMiddleware<App>(async (c, next) => {
  const token = bearer(c.req.header('authorization'));
  const known = RESEARCHER_TOKEN.test(token)
    ? await researcherByTokenHash(c.env.DB, await sha256(token))
    : null;
  if (!known) {
    const words =
      token === '' ? "This needs a researcher's token" : "This researcher's token is not known here";
    throw new Refusal('unauthorized', `${words} (Authorization: Bearer tg_...).`);
  }
  c.set('researcher', known);
  await next();
});

const noVolunteer = () =>
  new Refusal('unauthorized', "This needs a volunteer's token (POST /api/volunteers gives one).");

export const deletedVolunteer = () =>
  new Refusal('unauthorized', 'This volunteer was deleted. Forget it here to begin as another.');

const letVolunteersIn = (tokenOf: (header: (name: string) => string | undefined) => string) =>
  createMiddleware<App>(async (c, next) => {
    const volunteerId = await volunteerOf(
      c.env,
      tokenOf((name) => c.req.header(name)),
    );
    if (!volunteerId) throw noVolunteer();
    if (await isGone(c.env, volunteerId)) throw deletedVolunteer();
    c.set('volunteerId', volunteerId);
    await next();
  });

/** Lets volunteers through. */
export const volunteersOnly = letVolunteersIn((header) => bearer(header('authorization')));

/** The protocol that a WebSocket for work speaks. */
export const SOCKET_PROTOCOL = `tabgrad.${VERSION}`;

/**
 * Lets volunteers through that open a WebSocket. A browser sets no headers there but this one, and addresses are
 * written into logs, so the token comes as a second protocol.
 */
export const volunteersBySocketOnly = letVolunteersIn((header) => {
  const [protocol, token] = (header('sec-websocket-protocol') ?? '').split(/ *, */);
  return protocol === SOCKET_PROTOCOL ? (token ?? '') : '';
});

/** Tokens whose signature was found right; they stay so for as long as the key stays. */
const proven = new Map<string, string>();
const PROVEN_MAX = 20_000;
let provenBy: CryptoKey | null = null;

async function volunteerOf(env: Env, token: string): Promise<string | null> {
  const key = await signingKey(env);
  if (key !== provenBy) proven.clear();
  provenBy = key;
  const known = proven.get(token);
  if (known) return known;
  const [, volunteerId, signature] = VOLUNTEER_TOKEN.exec(token) ?? [];
  if (!volunteerId || !signature) return null;
  const signed = new TextEncoder().encode(`v1.${volunteerId}`);
  const isOurs = await crypto.subtle.verify('HMAC', key, fromBase64url(signature), signed);
  if (!isOurs) return null;
  if (proven.size >= PROVEN_MAX) proven.clear();
  proven.set(token, volunteerId);
  return volunteerId;
}

const bearer = (header: string | undefined): string => /^Bearer (\S+)$/i.exec(header ?? '')?.[1] ?? '';

let kept: { secret: string; key: CryptoKey } | null = null;

async function signingKey({ TOKEN_SECRET }: Env): Promise<CryptoKey> {
  if (TOKEN_SECRET && kept?.secret === TOKEN_SECRET) return kept.key;
  if (!TOKEN_SECRET) {
    throw new Refusal(
      'internal',
      'This server is not set up: TOKEN_SECRET is missing, so no volunteer can be let in.',
    );
  }
  const secret = new TextEncoder().encode(TOKEN_SECRET);
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign', 'verify']);
  kept = { secret: TOKEN_SECRET, key };
  return key;
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const fromBase64url = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
